import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { azureTenant, startAzure } from "../servers/azure.ts";
import { createAuthority } from "../servers/certificates.ts";
import { startForwardProxy } from "../servers/forward-proxy.ts";
import { createTokenIssuer } from "../tokens.ts";
import { startNode } from "./node.ts";

const clientID = "aaaaaaaa-0000-0000-0000-000000000001";
const stack = {
  name: "AzureStackCloud",
  activeDirectoryEndpoint: "https://login.stack.test/",
  keyVaultEndpoint: "https://vault.stack.test/",
  keyVaultDNSSuffix: "vault.stack.test",
  resourceIdentifiers: { keyVault: "https://vault.stack.test/some-id" },
};

/** A cloud: its name in a class, where it is by the documents of Azure, and the audience of pods' tokens there. */
interface Cloud {
  readonly cloudName: string;
  readonly login: string;
  readonly suffix: string;
  readonly resource?: string;
  readonly audience?: string;
}

const clouds: readonly Cloud[] = [
  { cloudName: "", login: "login.microsoftonline.com", suffix: "vault.azure.net" },
  {
    cloudName: "AzureUSGovernmentCloud",
    login: "login.microsoftonline.us",
    suffix: "vault.usgovcloudapi.net",
    audience: "api://AzureADTokenExchangeUSGov",
  },
  {
    cloudName: "azurechinacloud",
    login: "login.chinacloudapi.cn",
    suffix: "vault.azure.cn",
    audience: "api://AzureADTokenExchangeChina",
  },
  { cloudName: "AzureGermanCloud", login: "login.microsoftonline.de", suffix: "vault.microsoftazure.de" },
  {
    cloudName: "AzureStackCloud",
    login: "login.stack.test",
    suffix: "vault.stack.test",
    resource: "https://vault.stack.test/some-id",
  },
];

/** A node that knows no address but those that it makes itself: a proxy leads them all to the played Azure. */
async function startCloud({ login, suffix, resource, audience = "api://AzureADTokenExchange" }: Cloud) {
  const [issuer, authority] = await Promise.all([createTokenIssuer(), createAuthority()]);
  const azure = await startAzure({ tls: await authority.issue([login, `shop.${suffix}`]) });
  const proxy = await startForwardProxy({ to: azure.server.url });
  azure.login.federate(clientID, "system:serviceaccount:shop:payments", audience);
  const vault = azure.vault("shop");
  Object.assign(vault, { url: `https://shop.${suffix}` });
  vault.challenge = { tenant: azureTenant, resource: resource ?? `https://${suffix}` };
  vault.allow(clientID);
  vault.setSecret("db", "one");
  vault.setSecret("db", "two");
  vault.pageSize = 1;
  const node = await startNode({
    issuer,
    flags: async (directory) => {
      const [azureCaBundle, azureEnvironmentFile] = [join(directory, "azure.pem"), join(directory, "stack.json")];
      await writeFile(azureCaBundle, authority.caPem);
      await writeFile(azureEnvironmentFile, JSON.stringify(stack));
      return {
        ...{ providers: "azure", refresh: "0s", httpsProxy: proxy.url, azureCaBundle, azureEnvironmentFile },
        azureTokenAudience: audience,
      };
    },
  });
  return {
    ...{ azure, proxy, node, audience },
    stop: async () => {
      await node.stop();
      await Promise.all([proxy.stop(), azure.server.stop()]);
    },
  };
}

const objects = "array:\n  - |\n    objectName: db\n    objectType: secret\n    objectVersionHistory: 2\n";

describe("Azure by the names of its clouds", () => {
  it.each(clouds)("is asked where it is: $cloudName $suffix", async (cloud) => {
    const { azure, proxy, node, audience, stop } = await startCloud(cloud);
    const { cloudName, login, suffix } = cloud;
    const parameters = { keyvaultName: "shop", tenantID: azureTenant, clientID, cloudName, objects };
    const { target } = await node.publish({ provider: "azure", parameters, audiences: [audience] });
    expect(await readFile(join(target, "db/0"), "utf8")).toBe("two");
    expect(await readFile(join(target, "db/1"), "utf8")).toBe("one");
    const asked = new Set(proxy.requests.map(({ method, target: host }) => `${method} ${host}`));
    expect([...asked].sort()).toEqual([`CONNECT ${login}:443`, `CONNECT shop.${suffix}:443`].sort());
    // The scope is right at once: no vault had to say which it wants.
    expect(azure.server.requests.filter(({ method }) => method === "POST").length).toBe(1);
    await stop();
  });

  it("is not asked for a vault of another cloud: the token of one is none in the other", async () => {
    const [, government] = clouds;
    const { node, audience, stop } = await startCloud(government ?? expect.unreachable());
    const parameters = { keyvaultName: "shop", tenantID: azureTenant, clientID, objects };
    const error = await node.publishError({ provider: "azure", parameters, audiences: [audience] });
    // The names of the public cloud are not in this one's certificate.
    expect(error.message).toMatch(/LK0039 .*login\.microsoftonline\.com/);
    await stop();
  });
});
