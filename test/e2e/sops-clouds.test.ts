import { constants, generateKeyPairSync, publicEncrypt } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readDocument } from "../../src/stores/sops/document/document.ts";
import { openByAge } from "../../src/stores/sops/keys/age.ts";
import { azureTenant, type FakeAzure, startAzure } from "../servers/azure.ts";
import { wrapByKey } from "../servers/gcp/kms.ts";
import { clusterPool, type GcpServer, gcpEndpoints, startGcp } from "../servers/gcp.ts";
import { type AgePair, makeAgePair } from "../stores/sops/age.ts";
import { openSopsTool, type SopsTool } from "../stores/sops/tool.ts";
import { startNode, type TestNode } from "./node.ts";

const clientId = "aaaaaaaa-0000-0000-0000-000000000001";
const keyName = "projects/shop-prod/locations/europe-west1/keyRings/ring/cryptoKeys/sops";
const created = 'created_at: "2024-01-01T00:00:00Z"';

let gcp: GcpServer;
let azure: FakeAzure;
let tool: SopsTool;
let pair: AgePair;
let node: TestNode;
let version: string;

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });

beforeAll(async () => {
  [gcp, azure, pair] = await Promise.all([startGcp(), startAzure(), makeAgePair()]);
  tool = await openSopsTool(pair.file);
  azure.login.federate(clientId, "system:serviceaccount:shop:payments");
  azure.vault("keys").allow(clientId, "keys/decrypt");
  version = azure.vault("keys").setPrivateKey("sops", privateKey);
  node = await startNode({
    flags: {
      ...gcpEndpoints(gcp.url),
      azureLoginUrl: azure.host.loginUrl,
      azureVaultUrl: azure.host.vaultUrl,
    },
  });
});

afterAll(async () => {
  await node?.stop();
  await Promise.all([gcp?.stop(), azure?.stop(), tool?.stop()]);
});

/** A document of the real tool, its data key wrapped in another way: no seal covers how it is. */
async function wrapped(wrap: (dataKey: Uint8Array) => string): Promise<string> {
  const args = ["--age", pair.recipient, "--filename-override", "x.yaml"];
  const text = await tool.encrypt("password: CANARY-cloud\n", "yaml", args);
  const [key] = readDocument(Buffer.from(text)).metadata.groups.flat();
  const enc = key?.by === "age" ? key.wrapped : "";
  const dataKey = await openByAge(enc, { identities: [pair.identity], foreign: [] });
  return text.replace(/ {4}age:\n[\s\S]*?(?=^ {4}lastmodified)/m, `${wrap(dataKey ?? new Uint8Array())}\n`);
}

const byGcp = (dataKey: Uint8Array) =>
  `    gcp_kms:\n        - resource_id: ${keyName}\n          ${created}\n          enc: ${wrapByKey(keyName, dataKey, gcp.state)}`;

const byAzure = (dataKey: Uint8Array) => {
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  const enc = publicEncrypt({ key: publicKey, padding, oaepHash: "sha256" }, dataKey).toString("base64url");
  return `    azure_kv:\n        - vault_url: https://keys.vault.azure.net\n          name: sops\n          version: ${version}\n          ${created}\n          enc: ${enc}`;
};

const request = (volume: string, stores: string, ciphertext: string, uid = "0000-0001") => ({
  ...{ provider: "latchkey", volume, audiences: [clusterPool, "api://AzureADTokenExchange"] },
  pod: { uid },
  parameters: {
    stores,
    secrets: `- store: git\n  ciphertext: |\n${ciphertext.replace(/^/gm, "    ")}\n  files: [{ path: p, key: password }]\n`,
  },
});

const gcpStore = "git: { kind: sops, gcp: { impersonate: none } }";
const azureStore = `git: { kind: sops, azure: { tenant: ${azureTenant}, clientId: ${clientId} } }`;

describe("a document whose key a cloud holds", () => {
  it("is opened by Google Cloud KMS as the pod, and by the next pod from the cache", async () => {
    const text = await wrapped(byGcp);
    for (const [volume, uid] of [
      ["g1", "1"],
      ["g2", "2"],
    ] as const) {
      const { target } = await node.publish(request(volume, gcpStore, text, uid));
      expect(await readFile(join(target, "p"), "utf8")).toBe("CANARY-cloud");
    }
    expect(gcp.count(/:decrypt$/)).toBe(1);
  });

  it("is denied where the key's policy denies it", async () => {
    gcp.state.readers = new Set();
    const error = await node.publishError(request("g3", gcpStore, await wrapped(byGcp)));
    gcp.state.readers = undefined;
    expect(error.message).toMatch(/LK0033.*roles\/cloudkms\.cryptoKeyDecrypter/);
  });

  it("is opened by Azure Key Vault as the pod, and by the next pod from the cache", async () => {
    const text = await wrapped(byAzure);
    for (const [volume, uid] of [
      ["a1", "1"],
      ["a2", "2"],
    ] as const) {
      const { target } = await node.publish(request(volume, azureStore, text, uid));
      expect(await readFile(join(target, "p"), "utf8")).toBe("CANARY-cloud");
    }
    expect(azure.server.requests.filter(({ path }) => path.endsWith("/decrypt"))).toHaveLength(1);
  });

  it("is denied where the vault lets nobody decrypt", async () => {
    azure.vault("keys").allow(clientId, "keys/get");
    const error = await node.publishError(request("a3", azureStore, await wrapped(byAzure)));
    azure.vault("keys").allow(clientId, "keys/decrypt");
    expect(error.message).toMatch(/LK0033.*Key Vault Crypto User/);
  });

  it("is refused where a key was wrapped for another key", async () => {
    const foreign = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const before = version;
    version = azure.vault("keys").setPrivateKey("sops", foreign.privateKey);
    const error = await node.publishError(request("a4", azureStore, await wrapped(byAzure)));
    version = before;
    expect(error.message).toContain("LK0037");
  });
});
