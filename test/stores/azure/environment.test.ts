import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createAddressPolicy } from "../../../src/address-policy.ts";
import { readEnvironment } from "../../../src/stores/azure/environment.ts";
import { createStores } from "../../../src/stores/index.ts";
import { errorOf, settings } from "./azure-store.ts";

const whole = {
  name: "AzureStackCloud",
  activeDirectoryEndpoint: "https://adfs.local.azurestack.external/",
  keyVaultEndpoint: "https://vault.local.azurestack.external/",
  keyVaultDNSSuffix: "vault.local.azurestack.external",
};

describe("an Azure environment file", () => {
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "latchkey-azure-"));
  });

  afterAll(async () => await rm(directory, { recursive: true }));

  const read = async (content: unknown) => {
    const path = join(directory, "environment.json");
    await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
    return await readEnvironment(path);
  };

  test("says where logins and vaults are", async () => {
    expect(await read(whole)).toEqual({
      login: "https://adfs.local.azurestack.external",
      vaultSuffix: "vault.local.azurestack.external",
      resource: "https://vault.local.azurestack.external",
    });
    const named = { ...whole, resourceIdentifiers: { keyVault: "https://vault.adfs.azurestack.external/id" } };
    expect((await read(named)).resource).toBe("https://vault.adfs.azurestack.external/id");
    const none = { ...whole, resourceIdentifiers: { keyVault: "N/A" } };
    expect((await read(none)).resource).toBe("https://vault.local.azurestack.external");
  });

  test.each([
    ["no JSON", "{"],
    ["no object", "[]"],
    ["no login", { ...whole, activeDirectoryEndpoint: undefined }],
    ["another scheme", { ...whole, keyVaultEndpoint: "file:///etc" }],
    ["a suffix with a path", { ...whole, keyVaultDNSSuffix: "a/b" }],
  ])("is refused with %s", async (_, content) => {
    expect((await errorOf(read(content))).id).toBe("LK0020");
  });

  test("is asked for where a class names AzureStackCloud and nobody has described it", async () => {
    const stores = createStores({ addresses: createAddressPolicy([]), concurrency: 1 });
    const store = await stores.load("azure-key-vault");
    const stack = { ...settings, cloud: "AzureStackCloud" as const };
    expect(store.place(stack)).toBe("shop in AzureStackCloud");
    const context = { signal: AbortSignal.timeout(1_000), count: () => undefined };
    const identity = { namespace: "a", serviceAccount: "b", proved: false, tokens: new Map() };
    const error = await errorOf(store.open({ identity, settings: stack, found: new Map(), context }));
    expect([error.id, error.details.fix]).toEqual([
      "LK0020",
      "have the operator start Latchkey with --azure-environment-file",
    ]);
    await stores.shutdown();
  });
});
