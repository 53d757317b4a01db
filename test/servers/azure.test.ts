import { constants, createPublicKey, generateKeyPairSync, publicEncrypt } from "node:crypto";
import { ClientAssertionCredential, ClientSecretCredential } from "@azure/identity";
import { CertificateClient } from "@azure/keyvault-certificates";
import { CryptographyClient, KeyClient } from "@azure/keyvault-keys";
import { SecretClient, type SecretClientOptions } from "@azure/keyvault-secrets";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { podToken } from "../stores/azure/azure-store.ts";
import { azureTenant, type FakeAzure, startAzure } from "./azure.ts";

type Transport = NonNullable<SecretClientOptions["httpClient"]>;

/** The network of Microsoft's clients, with their hosts at the fake. */
function transportTo(azure: FakeAzure): Transport {
  return {
    async sendRequest(request) {
      const { url, method, headers, body } = request;
      const response = await fetch(placeOf(new URL(url), azure), {
        method,
        headers: headers.toJSON({ preserveCase: false }),
        ...(typeof body === "string" ? { body } : {}),
      });
      const Headers = headers.constructor as new (all: Record<string, string>) => typeof headers;
      return {
        request,
        status: response.status,
        headers: new Headers(Object.fromEntries(response.headers)),
        bodyAsText: await response.text(),
      };
    },
  };
}

function placeOf({ hostname, pathname, search }: URL, { server }: FakeAzure): string {
  if (hostname.startsWith("login.")) return `${server.url}/login${pathname}${search}`;
  return `${server.url}/vaults/${hostname.split(".")[0]}${pathname}${search}`;
}

describe("the played Azure, by Microsoft's own clients", () => {
  const client = "aaaaaaaa-0000-0000-0000-000000000001";
  const url = "https://shop.vault.azure.net";
  let azure: FakeAzure;
  let options: { httpClient: Transport; retryOptions: { maxRetries: number } };

  beforeAll(async () => {
    azure = await startAzure({ nameOf: (vault) => `https://${vault}.vault.azure.net` });
    azure.login.federate(client, "system:serviceaccount:shop:web");
    azure.login.secret(client, "a-secret");
    azure.vault("shop").allow(client);
    options = { httpClient: transportTo(azure), retryOptions: { maxRetries: 0 } };
  });

  afterAll(async () => await azure.stop());

  const credential = () =>
    new ClientAssertionCredential(azureTenant, client, async () => podToken(), {
      ...options,
      disableInstanceDiscovery: true,
    });
  const secrets = (by: ConstructorParameters<typeof SecretClient>[1] = credential()) =>
    new SecretClient(url, by, options);

  it("gives tokens for a pod's assertion and for a client's secret, after the challenge", async () => {
    const version = azure.vault("shop").setSecret("db", "one", { contentType: "text/plain", tags: { team: "a" } });
    const read = await secrets().getSecret("db");
    expect([read.value, read.properties.version, read.properties.contentType, read.properties.tags]).toEqual([
      "one",
      version,
      "text/plain",
      { team: "a" },
    ]);
    const by = new ClientSecretCredential(azureTenant, client, "a-secret", {
      ...options,
      disableInstanceDiscovery: true,
    });
    expect((await secrets(by).getSecret("db", { version })).value).toBe("one");
    const wrong = new ClientSecretCredential(azureTenant, client, "other", {
      ...options,
      disableInstanceDiscovery: true,
    });
    await expect(secrets(wrong).getSecret("db")).rejects.toThrow("AADSTS7000215");
  });

  it("lists secrets and versions page by page", async () => {
    const vault = azure.vault("shop");
    vault.pageSize = 3;
    for (let index = 0; index < 8; index += 1) vault.setSecret("many", `v${index}`);
    for (let index = 0; index < 8; index += 1) vault.setSecret(`name-${index}`, "x");
    const versions: (string | undefined)[] = [];
    for await (const each of secrets().listPropertiesOfSecretVersions("many")) versions.push(each.version);
    const names: string[] = [];
    for await (const { name } of secrets().listPropertiesOfSecrets()) names.push(name);
    expect([new Set(versions).size, names.filter((name) => name.startsWith("name-")).length]).toEqual([8, 8]);
  });

  it("answers denials, missing, deleted and disabled secrets as the clients expect", async () => {
    const vault = azure.vault("shop");
    await expect(secrets().getSecret("none")).rejects.toMatchObject({ statusCode: 404, code: "SecretNotFound" });
    vault.setSecret("gone", "x");
    vault.remove("secrets", "gone");
    await expect(secrets().getSecret("gone")).rejects.toMatchObject({ statusCode: 404, code: "SecretNotFound" });
    vault.setSecret("off", "x", { enabled: false });
    await expect(secrets().getSecret("off")).rejects.toMatchObject({ statusCode: 403, code: "Forbidden" });
    vault.allow(client, "list");
    await expect(secrets().getSecret("db")).rejects.toMatchObject({ statusCode: 403, code: "Forbidden" });
    vault.allow(client);
    vault.throttle(1, "1");
    await expect(secrets().getSecret("db")).rejects.toMatchObject({ statusCode: 429, code: "Throttled" });
  });

  it("is waited for by the clients' own retries when it throttles", async () => {
    azure.vault("shop").throttle(1, "0");
    const patient = new SecretClient(url, credential(), { ...options, retryOptions: { maxRetries: 2 } });
    expect((await patient.getSecret("db")).value).toBe("one");
  });

  it("gives keys and certificates", async () => {
    const jwk = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "jwk" });
    azure.vault("shop").setKey("signing", jwk as Record<string, unknown>);
    const version = azure.vault("shop").setCertificate("tls", Buffer.from("der").toString("base64"));
    const key = await new KeyClient(url, credential(), options).getKey("signing");
    expect([key.keyType, key.key?.crv, Buffer.from(key.key?.x ?? []).toString("base64url")]).toEqual([
      "EC",
      "P-256",
      jwk.x,
    ]);
    const { cer, name } = await new CertificateClient(url, credential(), options).getCertificateVersion("tls", version);
    expect([Buffer.from(cer ?? []).toString(), name]).toEqual(["der", "tls"]);
  });

  it("unwraps keys as Microsoft's client asks for it", async () => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    azure.vault("shop").setPrivateKey("wrapping", privateKey);
    azure.vault("shop").allow(client, "get", "list", "keys/decrypt");
    const key = await new KeyClient(url, credential(), options).getKey("wrapping");
    const { n = new Uint8Array(), e = new Uint8Array() } = key.key ?? {};
    const jwk = { kty: "RSA", n: Buffer.from(n).toString("base64url"), e: Buffer.from(e).toString("base64url") };
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    const wrapping = createPublicKey({ key: jwk, format: "jwk" });
    const result = publicEncrypt({ key: wrapping, padding, oaepHash: "sha256" }, Buffer.from("data key"));
    const remote = new CryptographyClient(key.id ?? "", credential(), options);
    const { result: plain } = await remote.decrypt({ algorithm: "RSA-OAEP-256", ciphertext: result });
    expect(Buffer.from(plain).toString()).toBe("data key");
    azure.vault("shop").allow(client);
  });

  it.each([
    ["US Government", "login.microsoftonline.us", "vault.usgovcloudapi.net"],
    ["China", "login.chinacloudapi.cn", "vault.azure.cn"],
    ["Azure Stack", "login.stack.test", "vault.stack.test"],
  ])("takes them in another cloud, by its login and its vaults' own resource: %s", async (_, login, suffix) => {
    const other = await startAzure({ nameOf: (vault) => `https://${vault}.${suffix}` });
    other.login.authority = `https://${login}`;
    other.login.federate(client, "system:serviceaccount:shop:web");
    const vault = other.vault("shop");
    vault.allow(client);
    vault.challenge = { tenant: azureTenant, resource: `https://${suffix}` };
    vault.setSecret("db", "one");
    vault.setSecret("db", "two");
    vault.pageSize = 1;
    const asked: string[] = [];
    const { sendRequest } = transportTo(other);
    const httpClient: Transport = {
      sendRequest: (request) => {
        asked.push(new URL(request.url).hostname);
        return sendRequest(request);
      },
    };
    const own = { httpClient, retryOptions: { maxRetries: 0 } };
    const authority = { authorityHost: `https://${login}`, disableInstanceDiscovery: true };
    const by = new ClientAssertionCredential(azureTenant, client, async () => podToken(), { ...own, ...authority });
    const secretClient = new SecretClient(`https://shop.${suffix}`, by, own);
    expect((await secretClient.getSecret("db")).value).toBe("two");
    let versions = 0;
    for await (const { vaultUrl } of secretClient.listPropertiesOfSecretVersions("db")) {
      expect(vaultUrl).toBe(`https://shop.${suffix}`);
      versions += 1;
    }
    expect([versions, [...new Set(asked)].sort()]).toEqual([2, [login, `shop.${suffix}`].sort()]);
    const scopes = other.server.requests.filter(({ method }) => method === "POST").map(({ body }) => body);
    expect(scopes.map((body) => new URLSearchParams(body).get("scope"))).toEqual([`https://${suffix}/.default`]);
    await other.stop();
  });
});
