import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FakeAzure, startAzure } from "../servers/azure.ts";
import { type GcpServer, gcpEndpoints, startGcp } from "../servers/gcp.ts";
import { startNode, type TestNode } from "./node.ts";

const nodeAccount = "node@shop-prod.iam.gserviceaccount.com";
const config = `profiles:
  shared-gcp: { kind: gcp-secret-manager, project: shop-prod, auth: provider, namespaces: [shop], prefixes: ["{namespace}-"] }
  shared-vault: { kind: azure-key-vault, vault: shop, auth: managedIdentity, namespaces: [shop], prefixes: ["{namespace}-"] }
`;

let gcp: GcpServer;
let azure: FakeAzure;
let node: TestNode;

beforeAll(async () => {
  [gcp, azure] = await Promise.all([startGcp(), startAzure()]);
  gcp.state.metadata.set("instance/service-accounts/default/email", nodeAccount);
  gcp.state.readers = new Set([`serviceAccount:${nodeAccount}`]);
  azure.login.assign("", "node");
  azure.vault("shop").allow("node");
  for (const name of ["shop-db", "other-db"]) {
    for (const value of ["older", "newer"]) {
      gcp.addSecret(name, value);
      azure.vault("shop").setSecret(name, value);
    }
  }
  const { loginUrl, vaultUrl, imdsUrl } = azure.host;
  const flags = { azureLoginUrl: loginUrl, azureVaultUrl: vaultUrl, azureImdsUrl: imdsUrl, ...gcpEndpoints(gcp.url) };
  node = await startNode({ config, flags: { providers: "latchkey", refresh: "0s", inlineStores: "false", ...flags } });
});

afterAll(async () => {
  await node?.stop();
  await Promise.all([gcp?.stop(), azure?.stop()]);
});

const rows = ["shared-gcp", "shared-vault"];
const parametersOf = (profile: string, secrets: string) => ({ stores: `s: { profile: ${profile} }`, secrets });

describe("a profile that reads as the node", () => {
  it.each(rows)("gives pods of its namespaces what begins with its prefixes: %s", async (profile) => {
    const secrets = `
- { store: s, name: shop-db, files: [{ path: now }] }
- { store: s, name: shop-db, version: previous, files: [{ path: before }] }
- { store: s, find: { prefix: shop- }, expand: { path: found/ } }`;
    const parameters = parametersOf(profile, secrets);
    // No token of the pod is needed: it is the node that reads.
    const { target } = await node.publish({ provider: "latchkey", parameters, audiences: ["any"], volume: profile });
    const read = (path: string) => readFile(join(target, path), "utf8");
    expect([await read("now"), await read("before"), await read("found/db")]).toEqual(["newer", "older", "newer"]);
  });

  it.each(rows)("gives nothing else, and no other namespace anything: %s", async (profile) => {
    const mount = (name: string, namespace: string, search = false) =>
      node.publishError({
        provider: "latchkey",
        parameters: parametersOf(
          profile,
          search
            ? `- { store: s, find: { prefix: ${name} }, expand: { path: f/ } }`
            : `- { store: s, name: ${name}, files: [{ path: f }] }`,
        ),
        audiences: ["any"],
        volume: "denied",
        pod: { namespace },
      });
    const before = [gcp.server.requests.length, azure.server.requests.length];
    expect((await mount("other-db", "shop")).message).toMatch(/LK0021 /);
    expect((await mount("other-", "shop", true)).message).toMatch(/LK0021 /);
    expect((await mount("shop-db", "billing")).message).toMatch(/LK0021 /);
    expect([gcp.server.requests.length, azure.server.requests.length]).toEqual(before);
  });
});
