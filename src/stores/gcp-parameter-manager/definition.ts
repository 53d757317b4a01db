import type { StoreDefinition } from "../definition.ts";
import { gcpFamily } from "../gcp/definition.ts";
import type { GcpFamily } from "../gcp/family.ts";
import { gcpStoreWords } from "../gcp/words.ts";

/** Google Cloud Parameter Manager. */
export const gcpParameterManager = {
  kind: "gcp-parameter-manager",
  family: gcpFamily,
  words: gcpStoreWords({
    name: "version",
    about: "Name of a version; the newest that is not disabled where it is left out.",
  }),
  mostAtOnce: () => 1,
  toNative: async () => (await import("../gcp/to-native.ts")).gcpToNative("gcp-parameter-manager"),
  load: async (family) => (await import("./index.ts")).createGcpParameterManager(family),
} as const satisfies StoreDefinition<GcpFamily>;
