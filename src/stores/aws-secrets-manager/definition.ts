import { valuesOf } from "../../config/values-of.ts";
import { awsFamily } from "../aws/definition.ts";
import type { AwsFamily } from "../aws/family.ts";
import { awsOptions } from "../aws/options.ts";
import { awsStoreWords } from "../aws/words.ts";
import type { StoreDefinition } from "../definition.ts";

const kind = "aws-secrets-manager";

/** AWS Secrets Manager. */
export const awsSecretsManager = {
  kind,
  family: awsFamily,
  words: awsStoreWords(
    { name: "versionId", about: "VersionId of the secret." },
    { name: "versionStage", about: "Stage of the secret; AWSCURRENT by default." },
    { name: "version", about: "previous: the version before the current one.", schema: { const: "previous" } },
  ),
  // https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_BatchGetSecretValue.html
  mostAtOnce: (config) => (valuesOf(awsOptions, config).awsBatch ? 20 : 1),
  toNative: async () => (await import("../aws/to-native.ts")).awsToNative(kind),
  load: async (family) => (await import("./index.ts")).createAwsSecretsManager(family),
} as const satisfies StoreDefinition<AwsFamily>;
