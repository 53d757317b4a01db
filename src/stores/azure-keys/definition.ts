import { azureFamily } from "../azure/definition.ts";
import type { AzureFamily } from "../azure/family.ts";
import type { KeyServiceDefinition } from "../definition.ts";

/** The keys of Azure Key Vault, which unwrap other keys. */
export const azureKeys: KeyServiceDefinition<AzureFamily> = {
  kind: "azure-keys",
  family: azureFamily,
  mostAtOnce: () => 1,
  load: async (family) => (await import("./index.ts")).createAzureKeys(family),
};
