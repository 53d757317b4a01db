import type { AddressPolicy } from "../address-policy.ts";
import type { ClientPair, Warn } from "../http/pem.ts";
import type { HostProxies } from "./host-proxies.ts";
import type { Scope } from "./store.ts";

/** The operator's bounds, which the process gives to every store. */
export interface StoreHost {
  readonly addresses: AddressPolicy;
  /** Most requests that one mount may have under way at one store. */
  readonly concurrency: number;
  readonly aws?: AwsHost | undefined;
  /** Proxies for stores (`HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY`, as Go reads them); absent: none, whatever the environment says. */
  readonly proxies?: HostProxies | undefined;
  /** The operator's settings for every Vault server (`VAULT_*`). */
  readonly vault?: VaultHost | undefined;
  /** The same for every OpenBao server (`BAO_*`). */
  readonly openbao?: VaultHost | undefined;
  /** Told which certificates of CA files cannot be read. */
  readonly warn?: Warn | undefined;
}

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

/** How AWS is reached, by the operator's word. */
export interface AwsHost {
  /** Base URL that replaces every service's own (`AWS_ENDPOINT_URL`): VPC endpoints, tests. */
  readonly endpointUrl?: string | undefined;
  /** The same for one service (`AWS_ENDPOINT_URL_SSM`). */
  readonly endpointUrls?: Readonly<Partial<Record<AwsService, string>>> | undefined;
  readonly useFips?: boolean | undefined;
  readonly useDualStack?: boolean | undefined;
  /** PEM file that replaces Node's own CAs (`AWS_CA_BUNDLE`). */
  readonly caFile?: string | undefined;
  /** Read several secrets by one `BatchGetSecretValue` where the role may. */
  readonly batch?: boolean | undefined;
  /** Longest wait for the EKS Pod Identity agent, in milliseconds. */
  readonly podIdentityTimeout?: number | undefined;
  /**
   * How widely answers to a login by the agent may be shared; default `pod`, for its credentials carry session tags that
   * name the pod, and a policy may look at them.
   */
  readonly podIdentityScope?: Scope | undefined;
  /** Base URLs instead of the agent's own. */
  readonly podIdentityUrls?: Readonly<Partial<Record<"ipv4" | "ipv6", string>>> | undefined;
}

/** The AWS services that Latchkey calls, by the names that the SDK has for their endpoints. */
export type AwsService = "secretsmanager" | "ssm" | "sts";
