import type { StoreDefinition } from "../definition.ts";
import { gcpFamily } from "../gcp/definition.ts";
import type { GcpFamily } from "../gcp/family.ts";
import { gcpStoreWords } from "../gcp/words.ts";

/** Google Cloud Secret Manager. */
export const gcpSecretManager = {
  kind: "gcp-secret-manager",
  family: gcpFamily,
  words: gcpStoreWords(
    {
      name: "version",
      about: "Number of a version, latest, or previous for the one before it; latest where it is left out.",
    },
    { name: "alias", about: "Alias of a version." },
  ),
  mostAtOnce: () => 1,
  toNative: async () => (await import("../gcp/to-native.ts")).gcpToNative("gcp-secret-manager"),
  load: async (family) => (await import("./index.ts")).createGcpSecretManager(family),
} as const satisfies StoreDefinition<GcpFamily>;
