import type { AzureFamily } from "../azure/family.ts";
import { azureSettings } from "../azure/settings.ts";
import type { AzureRef, AzureSearch, AzureSettings, AzureTogether } from "../azure/types.ts";
import type { Store } from "../store.ts";
import { azureTogether, isSearch, isTogether, nameOfAsked } from "./asked.ts";
import { azureRef } from "./ref.ts";
import { azureSearch } from "./search.ts";

/** Azure Key Vault: secrets, the public parts of keys, certificates. */
export function createAzureKeyVault(family: AzureFamily): Store<AzureSettings, AzureRef | AzureTogether, AzureSearch> {
  const { way, concurrency, ...common } = family;
  return {
    ...common,
    kind: "azure-key-vault",
    settings: (author) => azureSettings("azure-key-vault", author, way.host),
    ref: azureRef,
    search: {
      query: azureSearch,
      prefixOf: ({ prefix }) => prefix,
      refOf: ({ type }, name) => ({ type, name }),
    },
    together: azureTogether,
    nameOf: nameOfAsked,
    // The type stands before some names; a fence speaks of the names.
    reach: (ref) => {
      if (isSearch(ref)) return ref.prefix;
      return isTogether(ref) ? ref.refs[0]?.ref.name : ref.name;
    },
    open: async (request) => await (await import("./session.ts")).openVaultSession(request, family),
  };
}
