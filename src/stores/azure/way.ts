import { ProviderError } from "../../errors.ts";
import type { HttpClient } from "../../http/client.ts";
import { type AzureCloud, azureCloud } from "./clouds.ts";
import type { AzureHost } from "./host.ts";
import type { KeptTokens } from "./kept-tokens.ts";
import type { TokenProxy } from "./token-proxy.ts";
import type { AzureSettings } from "./types.ts";
import type { VaultBackOff } from "./vault-back-off.ts";

/** The way to Azure that all sessions of a process share. */
export interface AzureWay {
  readonly host: AzureHost;
  /** The operator's environment, if there is one. */
  readonly environment: AzureCloud | undefined;
  /** To logins and vaults. */
  readonly http: HttpClient;
  /** To what is on the node or in the cluster, so not by a proxy: the Instance Metadata Service. */
  readonly node: HttpClient;
  /** To the token proxy of AKS. */
  readonly tokenProxy: TokenProxy;
  readonly tokens: KeptTokens;
  readonly backOff: VaultBackOff;
}

/** Returns the cloud of settings, with the operator's login service in it. Throws `LK0020` for one that nobody described. */
export function cloudOf({ cloud: name }: AzureSettings, { host, environment }: AzureWay): AzureCloud {
  const cloud = azureCloud(name, environment);
  if (cloud === undefined) {
    throw new ProviderError("LK0020", `nobody has said where the cloud ${name} is`, {
      fix: "have the operator start Latchkey with --azure-environment-file",
    });
  }
  return host.loginUrl === undefined ? cloud : { ...cloud, login: host.loginUrl };
}

/** Returns the base URL of a vault, without a slash at its end. */
export function vaultUrl({ vault }: AzureSettings, cloud: AzureCloud, { host }: AzureWay): string {
  if (host.vaultUrl !== undefined) return host.vaultUrl.replaceAll("{vault}", vault);
  return `https://${vault}.${cloud.vaultSuffix}`;
}
