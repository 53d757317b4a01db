import { azureFamily } from "../azure/definition.ts";
import type { AzureFamily } from "../azure/family.ts";
import type { StoreDefinition } from "../definition.ts";
import { nameWord, prefixWord, type StoreWords } from "../words.ts";

const kind = "azure-key-vault";

const typeWord = { name: "type", about: "secret, key or certificate; secret where it is left out." };

const words: StoreWords = {
  settings: [
    { name: "vault", about: "Name of the vault." },
    { name: "cloud", about: "Azure cloud; the operator's where it is left out, AzurePublicCloud mostly." },
    { name: "tenant", about: "Id or domain of the tenant, instead of the service account's annotation." },
    { name: "clientId", about: "Client id of the pod's identity, instead of the service account's annotation." },
    { name: "auth", about: "How the pod logs in; workloadIdentity where it is left out." },
  ],
  refs: [
    nameWord,
    typeWord,
    { name: "version", about: "Version of the object, or previous; the newest where it is left out." },
    { name: "back", about: "So many enabled versions before the newest, or before version." },
  ],
  find: [
    prefixWord,
    typeWord,
    {
      name: "tags",
      about: "Tags that an object must have, all of them.",
      schema: { type: "object", additionalProperties: { type: "string", maxLength: 256 } },
    },
  ],
};

/** Azure Key Vault. */
export const azureKeyVault = {
  kind,
  family: azureFamily,
  words,
  mostAtOnce: () => 1,
  toNative: async () => (await import("../azure/to-native.ts")).azureToNative(kind),
  load: async (family) => (await import("./index.ts")).createAzureKeyVault(family),
} as const satisfies StoreDefinition<AzureFamily>;
