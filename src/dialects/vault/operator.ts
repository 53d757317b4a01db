import type { Config } from "../../config/config.ts";
import { valuesOf } from "../../config/values-of.ts";
import { serverOptions } from "../../stores/vault/options.ts";
import type { VaultFlavour, VaultTls } from "../../stores/vault/types.ts";

/** How the servers of one dialect are reached if the SecretProviderClass says nothing. */
export interface OperatorVault {
  readonly addresses?: readonly string[] | undefined;
  /** An agent on the node; it is asked whatever address a SecretProviderClass names. */
  readonly agentAddress?: string | undefined;
  /** Mount of the Kubernetes or JWT auth method. */
  readonly mount: string;
  /** Other mounts of auth methods at which the operator's client certificate may be shown. */
  readonly clientMounts?: readonly string[] | undefined;
  readonly namespace?: string | undefined;
  readonly tls: VaultTls;
}

/** Returns the operator's settings for the servers of a dialect, which its SecretProviderClasses fall back to. */
export function operatorVault(config: Config, server: VaultFlavour): OperatorVault {
  const given = valuesOf(serverOptions(server), config);
  return {
    addresses: given[`${server}Addr`],
    agentAddress: given[`${server}AgentAddr`],
    mount: given[`${server}Mount`],
    clientMounts: given[`${server}TlsClientMounts`],
    namespace: given[`${server}Namespace`],
    tls: {
      caFile: given[`${server}TlsCaCert`],
      ca: given[`${server}TlsCaPem`],
      caDirectory: given[`${server}TlsCaDirectory`],
      serverName: given[`${server}TlsServerName`],
      clientCertFile: given[`${server}TlsClientCert`],
      clientKeyFile: given[`${server}TlsClientKey`],
      ...(given[`${server}TlsSkipVerify`] ? { skipVerify: true as const } : {}),
    },
  };
}
