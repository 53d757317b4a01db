import type { AwsFamily } from "../aws/family.ts";
import { awsSettings } from "../aws/settings.ts";
import type { AwsParameterRef, AwsSettings } from "../aws/types.ts";
import type { Store } from "../store.ts";
import { awsParameterRef, nameOfParameter } from "./ref.ts";

/** AWS Systems Manager Parameter Store. */
export function createAwsParameterStore(family: AwsFamily): Store<AwsSettings, AwsParameterRef> {
  return {
    ...family,
    kind: "aws-parameter-store",
    settings: () => awsSettings("aws-parameter-store"),
    ref: awsParameterRef,
    nameOf: nameOfParameter,
  };
}
