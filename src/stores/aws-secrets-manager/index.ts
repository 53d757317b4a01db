import type { AwsFamily } from "../aws/family.ts";
import { awsSearch } from "../aws/search.ts";
import { awsSettings } from "../aws/settings.ts";
import { awsTogether, nameOfAsked } from "../aws/together.ts";
import type { AwsSearch, AwsSecretRef, AwsSettings, AwsTogether } from "../aws/types.ts";
import type { Store } from "../store.ts";
import { awsSecretRef, nameOfSecret } from "./ref.ts";

/** AWS Secrets Manager. */
export function createAwsSecretsManager(
  family: AwsFamily,
): Store<AwsSettings, AwsSecretRef | AwsTogether<AwsSecretRef>, AwsSearch<"secretsmanager">> {
  return {
    ...family,
    kind: "aws-secrets-manager",
    settings: () => awsSettings("aws-secrets-manager"),
    ref: awsSecretRef,
    search: {
      query: awsSearch("secretsmanager"),
      prefixOf: ({ prefix }) => prefix,
      refOf: (_, secretId) => ({ service: "secretsmanager", secretId }),
    },
    // A version never changes; stages move from version to version.
    together: awsTogether<AwsSecretRef>("secretsmanager", ({ secretId, versionId }) =>
      versionId === undefined ? secretId : undefined,
    ),
    nameOf: nameOfAsked(nameOfSecret),
  };
}
