import type { KeyServiceDefinition } from "../definition.ts";
import { gcpFamily } from "../gcp/definition.ts";
import type { GcpFamily } from "../gcp/family.ts";

/** Google Cloud KMS, which unwraps keys. */
export const gcpKms: KeyServiceDefinition<GcpFamily> = {
  kind: "gcp-kms",
  family: gcpFamily,
  mostAtOnce: () => 1,
  load: async (family) => (await import("./index.ts")).createGcpKms(family),
};
