/** The operator's settings that SecretProviderClasses of `provider: gcp` fall back to. */
export interface OperatorGcp {
  /** Whether `auth: provider-adc` is allowed. */
  readonly providerAdc: boolean;
  /** Whether the key file of nodePublishSecretRef is a login. */
  readonly nodePublishSecret: boolean;
}
