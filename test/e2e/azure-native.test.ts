import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { azureTenant, type FakeAzure, startAzure } from "../servers/azure.ts";
import { startNode, type TestNode } from "./node.ts";

const clientId = "aaaaaaaa-0000-0000-0000-000000000001";
const audiences = ["api://AzureADTokenExchange"];
const stores = `
one: { kind: azure-key-vault, vault: one, tenant: ${azureTenant}, clientId: ${clientId} }
two: { kind: azure-key-vault, vault: two, tenant: ${azureTenant}, clientId: ${clientId} }`;

describe("Key Vault in the native dialect", () => {
  let azure: FakeAzure;
  let node: TestNode;

  beforeAll(async () => {
    azure = await startAzure();
    azure.login.federate(clientId, "system:serviceaccount:shop:payments");
    for (const name of ["one", "two"]) {
      azure.vault(name).allow(clientId);
      azure.vault(name).setSecret("db", "same");
    }
    node = await startNode({
      flags: { refresh: "0s", maxStale: "0s", azureLoginUrl: azure.host.loginUrl, azureVaultUrl: azure.host.vaultUrl },
    });
  });

  afterAll(async () => {
    await node?.stop();
    await azure?.stop();
  });

  const mount = async (secrets: string, volume: string) =>
    await node.publish({ provider: "latchkey", parameters: { stores, secrets }, audiences, volume });

  it("reads a second vault while the first is away, with one token for both", async () => {
    const secrets = "- { store: one, name: db, files: [{ path: db }], fallback: [{ store: two, name: db }] }";
    await mount(secrets, "first");
    azure.override((request, part) =>
      part === "vault" && request.path.startsWith("/vaults/one/") ? "reset" : undefined,
    );
    const { target } = await mount(secrets, "second");
    azure.override(undefined);
    expect(await readFile(join(target, "db"), "utf8")).toBe("same");
    expect(azure.count("login")).toBe(1);
  });

  it("changes newest and previous together", async () => {
    azure.vault("one").setSecret("pair", "older");
    azure.vault("one").setSecret("pair", "newer");
    const secrets = `
- { store: one, name: pair, files: [{ path: now }] }
- { store: one, name: pair, version: previous, files: [{ path: before }] }`;
    const read = async () => {
      const { target } = await mount(secrets, "pair");
      return await Promise.all(["now", "before"].map((name) => readFile(join(target, name), "utf8")));
    };
    expect(await read()).toEqual(["newer", "older"]);
    azure.vault("one").setSecret("pair", "newest");
    expect(await read()).toEqual(["newest", "newer"]);
  });

  it("finds secrets by prefix and pattern", async () => {
    for (const name of ["app-one", "app-two", "other"]) azure.vault("two").setSecret(name, name);
    const { target } = await mount(
      '- { store: two, find: { prefix: app-, pattern: "o$" }, expand: { path: found/ } }',
      "found",
    );
    expect(await readFile(join(target, "found/two"), "utf8")).toBe("app-two");
    await expect(readFile(join(target, "found/one"), "utf8")).rejects.toThrow("ENOENT");
  });
});
