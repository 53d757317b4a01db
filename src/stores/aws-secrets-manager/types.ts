/** How to reach AWS Secrets Manager as one role. */
export interface AwsSettings {
  readonly region: string;
  /** Role to assume with the pod's token; absent: the service account's `eks.amazonaws.com/role-arn` annotation. */
  readonly roleArn?: string | undefined;
}

/** One secret. */
export interface AwsSecretRef {
  /** Name or ARN. */
  readonly secretId: string;
  readonly versionId?: string | undefined;
  readonly versionStage?: string | undefined;
}
