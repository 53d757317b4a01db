import type { Config } from "../config/config.ts";
import type { OperatorVault } from "../dialects/dialect.ts";
import type { VaultHost } from "../stores/host.ts";

/** Returns the operator's settings for the servers of a dialect, which its SecretProviderClasses fall back to. */
export function operatorVault(config: Config, server: "vault" | "openbao"): OperatorVault {
  return {
    addresses: config[`${server}Addr`],
    agentAddress: config[`${server}AgentAddr`],
    mount: config[`${server}Mount`],
    clientMounts: config[`${server}TlsClientMounts`],
    namespace: config[`${server}Namespace`],
    tls: {
      caFile: config[`${server}TlsCaCert`],
      ca: config[`${server}TlsCaPem`],
      caDirectory: config[`${server}TlsCaDirectory`],
      serverName: config[`${server}TlsServerName`],
      clientCertFile: config[`${server}TlsClientCert`],
      clientKeyFile: config[`${server}TlsClientKey`],
      ...(config[`${server}TlsSkipVerify`] ? { skipVerify: true as const } : {}),
    },
  };
}

/** The settings by which the operator has the certificates of a served dialect's servers not checked. */
export function uncheckedBy(config: Config): readonly string[] {
  const servers = (["vault", "openbao"] as const).filter((server) => config.providers.includes(server));
  return servers.filter((server) => config[`${server}TlsSkipVerify`]).map((server) => `--${server}-tls-skip-verify`);
}

/** Returns the operator's settings for every request to those servers. */
export function vaultHost(config: Config, server: "vault" | "openbao"): VaultHost {
  const cert = config[`${server}TlsClientCertPem`];
  const key = config[`${server}TlsClientKeyPem`];
  return {
    ...(cert === undefined || key === undefined ? {} : { client: { cert, key } }),
    headers: config[`${server}Headers`] ?? new Map(),
    followRedirects: !config[`${server}DisableRedirects`],
    rateLimit: config[`${server}RateLimit`],
    proxy: config[`${server}Proxy`],
    srvLookup: config[`${server}SrvLookup`],
  };
}
