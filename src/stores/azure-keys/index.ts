import type { ZodType } from "zod";
import * as z from "zod";
import type { AzureFamily } from "../azure/family.ts";
import { azureSettings } from "../azure/settings.ts";
import type { AzureSettings, AzureWrappedKey } from "../azure/types.ts";
import type { Store } from "../store.ts";

const azureWrappedKey: ZodType<AzureWrappedKey> = z
  .strictObject({
    url: z
      .string()
      .max(1_024)
      .regex(
        /^https:\/\/[A-Za-z0-9-]+\.vault\.[^/]+\/?$/,
        "must be the https:// URL of a vault; a managed HSM is none",
      ),
    key: z.string().regex(/^[A-Za-z0-9-]{1,127}$/, "must be the name of a key"),
    version: z.string().regex(/^[A-Za-z0-9]{0,64}$/, "must be the version of a key"),
    ciphertext: z.string().regex(/^[A-Za-z0-9_-]{4,2048}$/, "must be base64url"),
  })
  .transform(({ url, key, version, ciphertext: wrapped }) => {
    return { vaultUrl: url, key, ...(version === "" ? {} : { version }), wrapped };
  });

/** Unwraps keys by Azure Key Vault, with the login of the Azure store. */
export function createAzureKeys(family: AzureFamily): Store<AzureSettings, AzureWrappedKey> {
  const { way, concurrency: _, ...common } = family;
  return {
    ...common,
    kind: "azure-keys",
    settings: (author) => azureSettings("azure-keys", author, way.host),
    ref: azureWrappedKey,
    search: { query: z.never("keys are not searched for"), refOf: (query) => query },
    nameOf: ({ key, vaultUrl }) => `key ${key} in ${vaultUrl}`,
    open: async (request) => await (await import("../azure-key-vault/session.ts")).openVaultSession(request, family),
  };
}
