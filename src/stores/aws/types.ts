import type { TogetherRef } from "../together.ts";

/** How to reach AWS as one role. */
export interface AwsSettings {
  readonly region: string;
  /** How the pod's identity becomes the credentials of a role. */
  readonly identity: AwsIdentity;
  /** A role that is assumed with those credentials. */
  readonly assume?: AssumedRole | undefined;
}

/** Where the first credentials come from. */
export type AwsIdentity =
  /** The role is assumed with the pod's token; absent: the service account's `eks.amazonaws.com/role-arn` annotation. */
  | { readonly by: "webIdentity"; readonly roleArn?: string | undefined }
  /** The EKS Pod Identity agent of the node, at its IPv4 or IPv6 address, or whichever answers. */
  | { readonly by: "podIdentity"; readonly address: PodIdentityAddress };

/** The address of the EKS Pod Identity agent. */
export type PodIdentityAddress = "auto" | "ipv4" | "ipv6";

/** The second role of a chain (https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html). */
export interface AssumedRole {
  readonly roleArn: string;
  readonly externalId?: string | undefined;
  /** In the order of their keys. */
  readonly sessionTags: readonly (readonly [key: string, value: string])[];
}

/** One secret, parameter or wrapped key. */
export type AwsRef = AwsSecretRef | AwsParameterRef | AwsKeyRef;

/** Several stages of one secret, or labels of one parameter, as one ref. */
export interface AwsTogether<R extends AwsRef = AwsRef> {
  readonly service: R["service"];
  readonly refs: readonly TogetherRef<R>[];
}

/** Anything that a session reads. */
export type AwsAsked = AwsRef | AwsTogether | AwsSearch;

/** A key that is wrapped by one of the key service. */
export interface AwsKeyRef {
  readonly service: "kms";
  /** ARN of the key that wrapped it. */
  readonly keyId: string;
  /** Base64 of a wrapped key, or with `wraps` of one to wrap. */
  readonly text: string;
  readonly wraps?: true;
  /** The encryption context, in the order of its keys. */
  readonly context: readonly (readonly [key: string, value: string])[];
}

/** All secrets, or all parameters, whose names begin so and that have all of these tags. */
export interface AwsSearch<S extends AwsRef["service"] = AwsRef["service"]> {
  readonly service: S;
  readonly prefix: string;
  /** In the order of their keys. */
  readonly tags: readonly (readonly [key: string, value: string])[];
}

/** One secret of Secrets Manager. */
export interface AwsSecretRef {
  readonly service: "secretsmanager";
  /** Name or ARN. */
  readonly secretId: string;
  readonly versionId?: string | undefined;
  readonly versionStage?: string | undefined;
}

/** One parameter of Parameter Store. */
export interface AwsParameterRef {
  readonly service: "ssm";
  /** Name or ARN, without a selector. */
  readonly name: string;
  /** A version number or a label. */
  readonly selector?: string | undefined;
  /** The version before the newest, which has no selector of its own. */
  readonly previous?: true;
}
