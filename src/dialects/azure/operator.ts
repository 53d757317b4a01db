import type { AzureCloudName } from "../../stores/azure/types.ts";

/** The defaults of SecretProviderClasses of `provider: azure`. */
export interface OperatorAzure {
  readonly cloud?: AzureCloudName | undefined;
  /** The operator's environment file. */
  readonly environmentFile?: string | undefined;
  /** Order the certificates of a chain; the default. */
  readonly constructPemChain?: boolean | undefined;
  /** Write chain and key of a certificate as files of their own, too. */
  readonly separateFiles?: boolean | undefined;
}
