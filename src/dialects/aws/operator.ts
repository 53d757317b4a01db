/** The operator's settings that SecretProviderClasses of `provider: aws` fall back to. */
export interface OperatorAws {
  /** The operator's region, or the node's own. */
  readonly region?: string | undefined;
}
