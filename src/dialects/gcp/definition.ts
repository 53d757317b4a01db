import { valuesOf } from "../../config/values-of.ts";
import type { DialectDefinition } from "../definition.ts";
import type { OperatorGcp } from "./operator.ts";
import { gcpDialectOptions } from "./options.ts";
import { gcpPeer, gcpVariables } from "./peer.ts";
import { gcpWords } from "./words.ts";

/** `provider: gcp`. */
export const gcp = {
  name: "gcp",
  peer: gcpPeer,
  options: gcpDialectOptions,
  words: gcpWords,
  audiences:
    '"PROJECT.svc.id.goog", the identity pool of the GKE cluster or fleet, or the name of the provider of a workload identity pool',
  ignored: gcpVariables,
  operator: (config) => {
    const { gcpProviderAdc, gcpNodePublishSecret } = valuesOf(gcpDialectOptions, config);
    return { providerAdc: gcpProviderAdc, nodePublishSecret: gcpNodePublishSecret };
  },
  load: async () => (await import("./gcp-dialect.ts")).gcpDialect,
  judging: async () => (await import("./judging.ts")).gcpJudging,
} as const satisfies DialectDefinition<OperatorGcp>;
