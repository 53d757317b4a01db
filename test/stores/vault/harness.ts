import { createAddressPolicy } from "../../../src/address-policy.ts";
import { Redacted } from "../../../src/redacted.ts";
import { startOpenBao } from "../../servers/openbao.ts";
import { allowReads, enableJwtAuth, putKv2, writeJwtRole } from "../../servers/openbao-setup.ts";
import { startProxy } from "../../servers/proxy.ts";
import { createTokenIssuer } from "../../tokens.ts";
import type { StoreHarness } from "../contract.ts";
import { proxiedNetwork } from "../proxied-network.ts";

const subject = { namespace: "shop", serviceAccount: "web" };

/** A real OpenBao with a role for shop/web, behind a proxy that can fail. */
export async function start(): Promise<StoreHarness> {
  const [bao, issuer] = await Promise.all([startOpenBao(), createTokenIssuer()]);
  await enableJwtAuth(bao, { publicKeyPem: issuer.publicKeyPem() });
  await allowReads(bao, "shop", ["secret/data/shop/*", "auth/token/revoke-self"]);
  const list = 'path "secret/metadata/shop/*" { capabilities = ["list"] }';
  await bao.request("PUT", "sys/policies/acl/search", { policy: list });
  const names = { subject: "system:serviceaccount:shop:web", role: "shop", audience: "vault" };
  await writeJwtRole(bao, { ...names, policies: ["shop", "search"] });
  await putKv2(bao, "shop/one", { password: "CANARY-vault-1" });
  await putKv2(bao, "shop/two", { a: "CANARY-vault-2", b: [1.5, null, "<&>"] });
  await putKv2(bao, "other/one", { password: "CANARY-vault-3" });
  const proxy = await startProxy(bao.address);
  const token = await issuer.token({ ...subject, audience: "vault" });
  const secrets = [
    { ref: { name: "secret/data/shop/one" }, text: '{"password":"CANARY-vault-1"}' },
    { ref: { name: "v1/secret/data/shop/two" }, text: '{"a":"CANARY-vault-2","b":[1.5,null,"\\u003c\\u0026\\u003e"]}' },
  ];
  return {
    host: { addresses: createAddressPolicy(["127.0.0.1"]), concurrency: 4 },
    settings: { author: "pod", raw: { address: proxy.url, role: "shop" } },
    identity: { ...subject, proved: true, tokens: new Map([["vault", new Redacted(token)]]) },
    found: new Map(),
    secrets,
    rotate: async () => {
      await putKv2(bao, "shop/one", { password: "CANARY-vault-4" });
      secrets[0] = { ref: { name: "secret/data/shop/one" }, text: '{"password":"CANARY-vault-4"}' };
      return '{"password":"CANARY-vault-4"}';
    },
    absent: { name: "secret/data/shop/nowhere" },
    search: {
      query: { prefix: "secret/data/shop/" },
      names: ["secret/data/shop/one", "secret/data/shop/two"],
      nothing: { prefix: "secret/data/shop/nowhere/" },
      impossible: { prefix: "secret/data/shop/", tags: { team: "shop" } },
      denied: { query: { prefix: "secret/data/other/" }, during: (run) => run() },
    },
    denied: { ref: { name: "secret/data/other/one" }, during: (run) => run() },
    versioned: true,
    canaries: ["CANARY", bao.rootToken],
    network: proxiedNetwork(proxy),
    stop: async () => {
      await proxy.stop();
      await bao.stop();
    },
  };
}
