import type { AwsFamily } from "../aws/family.ts";
import { awsSettings } from "../aws/settings.ts";
import type { AwsSecretRef, AwsSettings } from "../aws/types.ts";
import type { Store } from "../store.ts";
import { awsSecretRef, nameOfSecret } from "./ref.ts";

/** AWS Secrets Manager. */
export function createAwsSecretsManager(family: AwsFamily): Store<AwsSettings, AwsSecretRef> {
  return {
    ...family,
    kind: "aws-secrets-manager",
    settings: () => awsSettings("aws-secrets-manager"),
    ref: awsSecretRef,
    nameOf: nameOfSecret,
  };
}
