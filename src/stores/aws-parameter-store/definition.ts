import { awsFamily } from "../aws/definition.ts";
import type { AwsFamily } from "../aws/family.ts";
import { awsStoreWords } from "../aws/words.ts";
import type { StoreDefinition } from "../definition.ts";

const kind = "aws-parameter-store";

/** AWS Systems Manager Parameter Store. */
export const awsParameterStore = {
  kind,
  family: awsFamily,
  words: awsStoreWords(
    { name: "version", about: "Number of the parameter's version, or previous." },
    { name: "label", about: "Label of the parameter's version." },
  ),
  // https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html
  mostAtOnce: () => 10,
  toNative: async () => (await import("../aws/to-native.ts")).awsToNative(kind),
  load: async (family) => (await import("./index.ts")).createAwsParameterStore(family),
} as const satisfies StoreDefinition<AwsFamily>;
