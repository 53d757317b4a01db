import type { Config } from "../../config/config.ts";
import { valuesOf } from "../../config/values-of.ts";
import { azureOptions } from "./options.ts";
import type { AzureCloudName } from "./types.ts";

/** How Azure is reached, by the operator's word; what is left out has its default. */
export interface AzureHost {
  readonly cloud?: AzureCloudName | undefined;
  readonly tenant?: string | undefined;
  /** The file that describes `AzureStackCloud`. */
  readonly environmentFile?: string | undefined;
  /** The audience of the pods' tokens. */
  readonly audience?: string | undefined;
  /** Namespaces whose pods may use a managed identity of the node; `*` for all. */
  readonly managedIdentity?: readonly string[] | undefined;
  /** Base URL of every vault; `{vault}` stands for its name. */
  readonly vaultUrl?: string | undefined;
  readonly loginUrl?: string | undefined;
  readonly imdsUrl?: string | undefined;
  readonly caFile?: string | undefined;
  /** The token proxy of AKS identity bindings. */
  readonly tokenProxy?: TokenProxyHost | undefined;
}

/** Where the token proxy of AKS identity bindings is, and who it proves to be. */
interface TokenProxyHost {
  readonly url?: string | undefined;
  readonly serverName?: string | undefined;
  readonly caFile?: string | undefined;
}

/** Returns the operator's Azure settings, for the Azure stores. */
export function azureHost(config: Config): AzureHost {
  const given = valuesOf(azureOptions, config);
  return {
    cloud: given.azureCloud,
    tenant: given.azureTenant,
    environmentFile: given.azureEnvironmentFile,
    audience: given.azureTokenAudience,
    managedIdentity: given.azureManagedIdentity,
    vaultUrl: given.azureVaultUrl,
    loginUrl: given.azureLoginUrl,
    imdsUrl: given.azureImdsUrl,
    caFile: given.azureCaBundle,
    tokenProxy: {
      url: given.azureTokenProxyUrl,
      serverName: given.azureTokenProxyServerName,
      caFile: given.azureTokenProxyCaFile,
    },
  };
}
