import type { NativeStore, ToNative } from "../to-native.ts";
import type { AwsParameterRef, AwsSecretRef, AwsSettings } from "./types.ts";

/** Returns how the settings and refs of an AWS store are written in the native dialect. */
export function awsToNative(kind: string): ToNative<AwsSettings, AwsSecretRef | AwsParameterRef> {
  return { store: (settings) => nativeStore(kind, settings), ref: nativeRef };
}

function nativeStore(kind: string, { region, identity, assume }: AwsSettings): NativeStore {
  const tags = Object.fromEntries(assume?.sessionTags ?? []);
  const fields = {
    kind,
    region,
    roleArn: identity.by === "webIdentity" ? identity.roleArn : undefined,
    podIdentity: identity.by === "podIdentity" ? identity.address : undefined,
    assumeRoleArn: assume?.roleArn,
    assumeRoleExternalId: assume?.externalId,
    sessionTags: Object.keys(tags).length === 0 ? undefined : tags,
  };
  return { fields, notes: [] };
}

function nativeRef(ref: AwsSecretRef | AwsParameterRef) {
  if (ref.service === "ssm") return { name: ref.selector === undefined ? ref.name : `${ref.name}:${ref.selector}` };
  return { name: ref.secretId, versionId: ref.versionId, versionStage: ref.versionStage };
}
