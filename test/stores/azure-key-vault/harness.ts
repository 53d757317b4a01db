import { createAddressPolicy } from "../../../src/address-policy.ts";
import { Redacted } from "../../../src/redacted.ts";
import { azureTenant, startAzure } from "../../servers/azure.ts";
import { vaultError } from "../../servers/azure-vault.ts";
import { startProxy } from "../../servers/proxy.ts";
import { createTokenIssuer } from "../../tokens.ts";
import type { StoreHarness } from "../contract.ts";
import { proxiedNetwork } from "../proxied-network.ts";

const clientId = "aaaaaaaa-0000-0000-0000-000000000001";
const audience = "api://AzureADTokenExchange";

/** Two secrets of a vault behind a proxy that can fail. */
export async function start(): Promise<StoreHarness> {
  const [azure, issuer] = await Promise.all([startAzure(), createTokenIssuer()]);
  const proxy = await startProxy(azure.server.url);
  // What it says of itself has to be where it is asked.
  const vault = azure.vault("shop");
  Object.assign(vault, { url: `${proxy.url}/vaults/shop` });
  azure.login.federate(clientId, "system:serviceaccount:shop:web");
  vault.allow(clientId);
  vault.setSecret("shop-one", "CANARY-azure-1");
  vault.setSecret("shop-two", "CANARY-azure-2\u0000é");
  vault.setSecret("other", "CANARY-azure-other");
  const token = await issuer.token({ namespace: "shop", serviceAccount: "web", audience });
  const secrets = [
    { ref: { name: "shop-one" }, text: "CANARY-azure-1" },
    { ref: { name: "shop-two", type: "secret" }, text: "CANARY-azure-2\u0000é" },
  ];
  const during = async <T>(run: () => Promise<T>): Promise<T> => {
    azure.override((_, part) =>
      part === "vault" ? vaultError(403, "Forbidden", "no", { innererror: "ForbiddenByRbac" }) : undefined,
    );
    return await run().finally(() => azure.override(undefined));
  };
  const at = (path: string) => `${proxy.url}${path}`;
  const host = { loginUrl: at("/login"), imdsUrl: at("/imds"), vaultUrl: at("/vaults/{vault}") };
  return {
    host: { addresses: createAddressPolicy([]), concurrency: 4, families: { azure: host } },
    settings: { author: "pod", raw: { vault: "shop", tenant: azureTenant, clientId } },
    identity: {
      namespace: "shop",
      serviceAccount: "web",
      proved: false,
      tokens: new Map([[audience, new Redacted(token)]]),
    },
    found: new Map(),
    secrets,
    rotate: async () => {
      vault.setSecret("shop-one", "CANARY-azure-3");
      secrets[0] = { ref: { name: "shop-one" }, text: "CANARY-azure-3" };
      return "CANARY-azure-3";
    },
    absent: { name: "nowhere" },
    search: {
      query: { prefix: "shop-" },
      names: ["shop-one", "shop-two"],
      nothing: { prefix: "none-" },
      impossible: {},
      denied: { query: { prefix: "shop-" }, during },
    },
    denied: { ref: { name: "shop-one" }, during },
    versioned: true,
    canaries: ["CANARY"],
    network: proxiedNetwork(proxy),
    stop: async () => {
      await proxy.stop();
      await azure.stop();
    },
  };
}
