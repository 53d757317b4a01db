import type { Config } from "../../config/config.ts";
import { valuesOf } from "../../config/values-of.ts";
import type { ClientPair } from "../../http/pem.ts";
import { serverOptions } from "./options.ts";
import { type VaultFlavour, vaultFlavours } from "./types.ts";

/** The operator's word on servers of one kind, whoever chose their address. */
export interface VaultHost {
  /** Extra headers (`VAULT_HEADERS`); they are sent to operator addresses only. */
  readonly headers: ReadonlyMap<string, string>;
  /** False where not even one redirect is followed (`VAULT_DISABLE_REDIRECTS`). */
  readonly followRedirects: boolean;
  /** A client certificate as text; it is shown to operator addresses only, and never logs anybody in. */
  readonly client?: ClientPair | undefined;
  /** Most requests to one server (`VAULT_RATE_LIMIT`). */
  readonly rateLimit?: { readonly perSecond: number; readonly burst: number } | undefined;
  /** A proxy for every request, before `proxies` (`VAULT_PROXY_ADDR`, `VAULT_HTTP_PROXY`). */
  readonly proxy?: string | undefined;
  /** True to look for the SRV record `_http._tcp.<host>` of an address without a port (`VAULT_SRV_LOOKUP`). */
  readonly srvLookup: boolean;
}

/** The operator's word on the servers of each kind; absent: nothing is said. */
export type VaultHosts = Readonly<Partial<Record<VaultFlavour, VaultHost>>>;

/** Returns the operator's settings for every request to Vault and OpenBao servers. */
export function vaultHosts(config: Config): VaultHosts {
  return Object.fromEntries(vaultFlavours.map((server) => [server, vaultHost(config, server)]));
}

function vaultHost(config: Config, server: VaultFlavour): VaultHost {
  const given = valuesOf(serverOptions(server), config);
  const cert = given[`${server}TlsClientCertPem`];
  const key = given[`${server}TlsClientKeyPem`];
  return {
    ...(cert === undefined || key === undefined ? {} : { client: { cert, key } }),
    headers: given[`${server}Headers`] ?? new Map(),
    followRedirects: !given[`${server}DisableRedirects`],
    rateLimit: given[`${server}RateLimit`],
    proxy: given[`${server}Proxy`],
    srvLookup: given[`${server}SrvLookup`],
  };
}
