import { valuesOf } from "../../config/values-of.ts";
import { azureOptions } from "../../stores/azure/options.ts";
import type { DialectDefinition } from "../definition.ts";
import type { OperatorAzure } from "./operator.ts";
import { azurePeer, azureVariables } from "./peer.ts";
import { azureWords } from "./words.ts";

/** `provider: azure`. */
export const azure = {
  name: "azure",
  peer: azurePeer,
  options: {},
  words: azureWords,
  audiences: '"api://AzureADTokenExchange", and "api://AKSIdentityBinding" for AKS identity bindings',
  ignored: azureVariables,
  operator: (config) => {
    const given = valuesOf(azureOptions, config);
    return {
      cloud: given.azureCloud,
      environmentFile: given.azureEnvironmentFile,
      constructPemChain: given.azureConstructPemChain,
      separateFiles: given.azureSeparateFiles,
    };
  },
  load: async () => (await import("./azure-dialect.ts")).azureDialect,
  judging: async () => (await import("./judging.ts")).azureJudging,
} as const satisfies DialectDefinition<OperatorAzure>;
