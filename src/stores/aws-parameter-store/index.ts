import type { AwsFamily } from "../aws/family.ts";
import { awsSearch, nameOfSearch } from "../aws/search.ts";
import { awsSettings } from "../aws/settings.ts";
import type { AwsParameterRef, AwsSearch, AwsSettings } from "../aws/types.ts";
import type { Store } from "../store.ts";
import { awsParameterRef, nameOfParameter, parameterRef } from "./ref.ts";

/** AWS Systems Manager Parameter Store. */
export function createAwsParameterStore(family: AwsFamily): Store<AwsSettings, AwsParameterRef, AwsSearch<"ssm">> {
  return {
    ...family,
    kind: "aws-parameter-store",
    settings: () => awsSettings("aws-parameter-store"),
    ref: awsParameterRef,
    search: {
      query: awsSearch("ssm"),
      prefixOf: ({ prefix }) => prefix,
      refOf: (_, name) => parameterRef(name, undefined),
    },
    nameOf: (ref) => ("prefix" in ref ? nameOfSearch(ref) : nameOfParameter(ref)),
  };
}
