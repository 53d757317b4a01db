import type { AwsFamily } from "../aws/family.ts";
import { awsSearch, nameOfSearch } from "../aws/search.ts";
import { awsSettings } from "../aws/settings.ts";
import type { AwsSearch, AwsSecretRef, AwsSettings } from "../aws/types.ts";
import type { Store } from "../store.ts";
import { awsSecretRef, nameOfSecret } from "./ref.ts";

/** AWS Secrets Manager. */
export function createAwsSecretsManager(
  family: AwsFamily,
): Store<AwsSettings, AwsSecretRef, AwsSearch<"secretsmanager">> {
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
    nameOf: (ref) => ("prefix" in ref ? nameOfSearch(ref) : nameOfSecret(ref)),
  };
}
