import { generateKeyPairSync } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Chain, OpenSsl } from "../formats/pkcs12/openssl.ts";
import { azureTenant, type FakeAzure, startAzure } from "../servers/azure.ts";
import { createTokenIssuer } from "../tokens.ts";
import { startNode, type TestNode } from "./node.ts";

const provider = "azure";
const audiences = ["api://AzureADTokenExchange"];
const clientID = "aaaaaaaa-0000-0000-0000-000000000001";
const usual = { keyvaultName: "shop", tenantID: azureTenant, clientID };

/** Entries of `objects`, each of these lines. */
function objectsOf(...entries: readonly string[]): string {
  return `array:\n${entries.map((entry) => `  - |\n    ${entry.replaceAll("; ", "\n    ")}\n`).join("")}`;
}

describe("provider azure against played vaults, as the pod's federated identity", () => {
  const openssl = new OpenSsl();
  let azure: FakeAzure;
  let node: TestNode;
  let chain: Chain;
  let pfx: string;
  let keyPem: string;

  beforeAll(async () => {
    azure = await startAzure();
    const { login } = azure;
    login.federate(clientID, "system:serviceaccount:shop:payments");
    const vault = azure.vault("shop");
    vault.allow(clientID);
    chain = openssl.chain("rsa");
    pfx = openssl.pkcs12(chain, [chain.root, chain.intermediate], ["-legacy"]).toString("base64");
    const kid = "https://shop.vault.azure.net/keys/tls/1";
    vault.setSecret("tls", pfx, { contentType: "application/x-pkcs12", kid });
    vault.setSecret("tls-pem", `${chain.key}${chain.root}${chain.leaf}`, {
      contentType: "application/x-pem-file",
      kid,
    });
    vault.setSecret("imported", pfx, { contentType: "application/x-pkcs12" });
    vault.setSecret("odd", "x", { contentType: "text/plain", kid });
    vault.setCertificate(
      "tls",
      openssl.run("x509", "-in", "leaf.crt", "-outform", "DER", "-out", "leaf.der") +
        (await readFile(openssl.path("leaf.der"))).toString("base64"),
    );
    const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
    keyPem = String(pair.publicKey.export({ type: "spki", format: "pem" }));
    vault.setKey("signing", pair.publicKey.export({ format: "jwk" }) as Record<string, unknown>);
    for (const value of ["one", "two", "three", "four"]) vault.setSecret("db", value);
    vault.setSecret("encoded", Buffer.from([0, 255]).toString("base64"));
    node = await startNode({
      issuer: await createTokenIssuer(),
      flags: {
        ...{ providers: "latchkey,azure", refresh: "10m" },
        azureLoginUrl: azure.host.loginUrl,
        azureVaultUrl: azure.host.vaultUrl,
        azureImdsUrl: azure.host.imdsUrl,
        azureManagedIdentity: "shop",
        azureSeparateFiles: "true",
      },
    });
  });

  afterAll(async () => {
    await node?.stop();
    await azure?.stop();
    openssl.remove();
  });

  const publish = async (volume: string, objects: string, more: Record<string, string> = {}) =>
    await node.publish({ provider, parameters: { ...usual, objects, ...more }, audiences, volume });

  const read = async (directory: string, name: string) => await readFile(join(directory, name), "utf8");

  it("mounts secrets, keys, certificates and histories with the vault's versions", async () => {
    const objects = objectsOf(
      "objectName: db; objectType: secret; objectVersionHistory: 2",
      "objectName: signing; objectType: key; objectAlias: keys/signing.pem",
      "objectName: tls; objectType: cert; objectAlias: tls.crt.pem",
      "objectName: encoded; objectType: secret; objectEncoding: base64",
    );
    const { target: directory, podStatus } = await publish("everything", objects);
    const versions = Object.fromEntries(podStatus.status.objects.map(({ id, version }) => [id, version]));
    expect(await Promise.all(["db/0", "db/1", "db/2"].map((name) => read(directory, name)))).toEqual([
      "four",
      "three",
      "two",
    ]);
    expect(await read(directory, "keys/signing.pem")).toBe(keyPem);
    expect(await read(directory, "tls.crt.pem")).toBe(chain.leaf);
    expect([...(await readFile(join(directory, "encoded")))]).toEqual([0, 255]);
    expect(Object.keys(versions).sort()).toEqual([
      "cert/tls",
      "key/signing",
      "secret/db/0",
      "secret/db/1",
      "secret/db/2",
      "secret/encoded",
    ]);
    expect(Object.values(versions).every((version) => /^[0-9a-f]{32}$/.test(version))).toBe(true);
  });

  it("writes a certificate's secret as key and chain from leaf to root, and chain and key apart", async () => {
    const { target: directory } = await publish("pem", objectsOf("objectName: tls; objectType: secret"));
    const { key, leaf, intermediate, root } = chain;
    expect(await read(directory, "tls")).toBe(`${key}${leaf}${intermediate}${root}`);
    expect(await read(directory, "tls.crt")).toBe(`${leaf}${intermediate}${root}`);
    expect(await read(directory, "tls.key")).toBe(key);
  });

  it("leaves as they are PEM, PFX that is asked for, and PKCS#12 that is no certificate's", async () => {
    const objects = objectsOf(
      "objectName: tls-pem; objectType: secret",
      "objectName: tls; objectType: secret; objectFormat: pfx",
      "objectName: tls; objectType: secret; objectFormat: pfx; objectEncoding: base64; objectAlias: tls.pfx",
      "objectName: imported; objectType: secret",
    );
    const { target: directory } = await publish("stored", objects);
    expect(await read(directory, "tls-pem")).toBe(`${chain.key}${chain.root}${chain.leaf}`);
    expect(await read(directory, "tls")).toBe(pfx);
    expect((await readFile(join(directory, "tls.pfx"))).toString("base64")).toBe(pfx);
    expect(await read(directory, "imported")).toBe(pfx);
    expect([await read(directory, "tls.key"), await read(directory, "tls.crt")]).toEqual(["", ""]);
  });

  it("tells every object that failed in one error, once, with its cure", async () => {
    const objects = objectsOf(
      "objectName: none; objectType: secret",
      "objectName: odd; objectType: secret",
      "objectName: db; objectType: secret; objectVersionHistory: 2; objectVersion: unknown",
      "objectName: symmetric; objectType: key",
      "objectName: db; objectType: secret; objectAlias: hex; objectEncoding: hex",
      "objectName: tls; objectType: cert; objectAlias: good",
    );
    azure.vault("shop").setKey("symmetric", { kty: "oct-HSM" });
    const { code, message } = await node.publishError({
      provider,
      parameters: { ...usual, objects },
      audiences,
      volume: "failed",
    });
    expect(code).toBe("INVALID_ARGUMENT");
    const places = [
      /LK0034 object "none", azure-key-vault none .*az keyvault secret recover --vault-name shop --name none/,
      /LK0040 object "odd", azure-key-vault odd: .*the unknown content type "text\/plain".*Fix: make the certificate anew/,
      /LK0034 object "db", azure-key-vault db, .*no enabled version unknown.*Fix: ask for fewer versions/,
      /LK0040 object "symmetric", azure-key-vault .*the key is symmetric.*Fix: name a key of type RSA or EC/,
      /LK0040 object "db" as "hex", azure-key-vault db: .*Fix: /,
    ].map((problem) => problem.exec(message)?.index ?? -1);
    expect([message.includes("5 problems"), places.includes(-1)], message).toEqual([true, false]);
    expect(message).not.toMatch(/four/);
  });

  it("reads each secret once for 110 pods of one account, with one token", async () => {
    const names = Array.from({ length: 10 }, (_, index) => `many-${index}`);
    for (const name of names) azure.vault("shop").setSecret(name, name);
    const objects = objectsOf(...names.map((name) => `objectName: ${name}; objectType: secret`));
    // An account that nobody has logged in as yet.
    azure.login.federate(clientID, "system:serviceaccount:shop:many");
    const [logins, reads] = [azure.count("login"), azure.count("vault")];
    await Promise.all(
      Array.from({ length: 110 }, (_, index) =>
        node.publish({
          provider,
          parameters: { ...usual, objects },
          audiences,
          volume: `many-${index}`,
          pod: { name: `pod-${index}`, uid: `uid-${index}`, serviceAccount: "many" },
        }),
      ),
    );
    expect([azure.count("login") - logins, azure.count("vault") - reads]).toEqual([1, 10]);
  });

  it("reads as the node's managed identity where the operator lets the namespace, and as a client secret", async () => {
    azure.login.assign("", "node");
    azure.vault("shop").allow("node");
    azure.login.secret(clientID, "CANARY-client-secret");
    const objects = objectsOf("objectName: db; objectType: secret; objectAlias: by");
    const managed = await publish("managed", objects, { clientID: "", useVMManagedIdentity: "true" });
    expect(await read(managed.target, "by")).toBe("four");
    const parameters = { ...usual, clientID: "", objects };
    const by = await node.publish({
      ...{ provider, parameters, audiences, volume: "principal" },
      secrets: { clientid: clientID, clientsecret: "CANARY-client-secret" },
    });
    expect(await read(by.target, "by")).toBe("four");
    expect(JSON.stringify(node.log)).not.toContain("CANARY");
  });
});
