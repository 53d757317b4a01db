import type { AwsFamily } from "../aws/family.ts";
import { awsSearch } from "../aws/search.ts";
import { awsSettings } from "../aws/settings.ts";
import { awsTogether, nameOfAsked } from "../aws/together.ts";
import type { AwsParameterRef, AwsSearch, AwsSettings, AwsTogether } from "../aws/types.ts";
import type { Store } from "../store.ts";
import { awsParameterRef, isVersion, nameOfParameter, parameterRef } from "./ref.ts";

/** AWS Systems Manager Parameter Store. */
export function createAwsParameterStore(
  family: AwsFamily,
): Store<AwsSettings, AwsParameterRef | AwsTogether<AwsParameterRef>, AwsSearch<"ssm">> {
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
    // A version number never changes; labels, and no selector, move from version to version.
    together: awsTogether<AwsParameterRef>("ssm", ({ name, selector }) => (isVersion(selector) ? undefined : name)),
    nameOf: nameOfAsked(nameOfParameter),
  };
}
