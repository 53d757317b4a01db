import type { Author } from "../store.ts";

/** How to reach and log in to one Vault or OpenBao server, or to the servers of one cluster. */
export interface VaultSettings {
  /** Each `http(s)://host[:port][/base]` without a trailing slash, or `unix:///path`; tried in this order. */
  readonly addresses: readonly [string, ...string[]];
  /** Operator addresses are trusted; a pod author's pass the address policy. */
  readonly addressFrom: Author;
  /** Whose client's habits count: OpenBao's adds CAs to Node's own and knows no `mount_type`. */
  readonly flavour: VaultFlavour;
  /** `X-Vault-Namespace`, of the login and of every read that names none itself. */
  readonly namespace?: string | undefined;
  readonly tls: VaultTls;
  /** A pod author says how the operator's servers are believed: extra headers and client certificate are then kept back. */
  readonly trustFrom?: "pod" | undefined;
  /** A pod author says where to log in, by mount or namespace: the operator's client certificate is kept back there. */
  readonly loginFrom?: "pod" | undefined;
  readonly auth: VaultAuth;
}

/** The two servers that speak this API. */
export const vaultFlavours = ["vault", "openbao"] as const;

/** One of them. */
export type VaultFlavour = (typeof vaultFlavours)[number];

/** How the server is believed, and by which certificate Latchkey is. Paths are of Latchkey's own file system. */
export interface VaultTls {
  /** PEM file with the CA. */
  readonly caFile?: string | undefined;
  /** Directory of PEM files, if no file is given. */
  readonly caDirectory?: string | undefined;
  /** The CA as PEM text. */
  readonly ca?: string | undefined;
  /** SNI and the name that the certificate is checked against. */
  readonly serverName?: string | undefined;
  /** The client certificate and its key, both or none. */
  readonly clientCertFile?: string | undefined;
  readonly clientKeyFile?: string | undefined;
  /** The server's certificate is not checked at all. */
  readonly skipVerify?: true | undefined;
}

/** How a session is opened. Mounts are paths of auth methods, without slashes at their ends: `kubernetes`. */
export type VaultAuth = JwtAuth | AppRoleAuth | CertAuth;

/** The Kubernetes or JWT auth method, with the pod's service account token; `audienceChosen` as in `TokenAudience`. */
interface JwtAuth {
  readonly method: "jwt";
  readonly mount: string;
  readonly role: string;
  readonly audience: string;
  readonly audienceChosen: boolean;
}

/**
 * The AppRole auth method: `role_id` and `secret_id` of the pod's nodePublishSecretRef, or from files of Latchkey's own file
 * system, which only an operator may name.
 */
export interface AppRoleAuth {
  readonly method: "approle";
  readonly mount: string;
  readonly roleIdFile?: string | undefined;
  readonly secretIdFile?: string | undefined;
}

/**
 * The TLS certificate auth method: `tls.crt` and `tls.key` of the pod's nodePublishSecretRef, or the client certificate of
 * the settings. Without `role` the server finds one that fits.
 */
interface CertAuth {
  readonly method: "cert";
  readonly mount: string;
  readonly role?: string | undefined;
}

/** One request for a secret. */
export interface VaultRef {
  /** In upper case: `GET`, `PUT`, `LIST`. */
  readonly method: string;
  /** Cleaned, unescaped API path that starts with `/v1/`. */
  readonly path: string;
  /** Query string, sorted and escaped as Go's `url.Values.Encode` does, without `?`; empty for none. */
  readonly query: string;
  /** JSON text, as Go's `json.Marshal` writes it. */
  readonly body?: string | undefined;
  /** Instead of the settings' namespace. */
  readonly namespace?: string | undefined;
  /** The version before the current one, of a key-value engine of version 2. */
  readonly previous?: true;
  /** Several of one path that are read as one: the current version, the one before it, or both. */
  readonly stages?: readonly VaultStage[];
  /** It asks the transit engine, which makes nothing, whatever the method says: the answer may be shared. */
  readonly transit?: "decrypt" | "encrypt";
}

/** One of the versions that are read as one. */
interface VaultStage {
  readonly previous: boolean;
  readonly optional: boolean;
}

/** All secrets of a key-value engine whose paths begin so. */
export interface VaultSearch {
  /** The beginning of the paths, without `/v1/`: `secret/data/shop/`. */
  readonly prefix: string;
  /** The folder that the search starts in, by the path that lists it: `/v1/secret/metadata/shop`. */
  readonly listed: string;
  /** Instead of the settings' namespace. */
  readonly namespace?: string | undefined;
}

const reading: ReadonlySet<string> = new Set(["GET", "LIST", "HEAD"]);

/** Returns whether a request by this method changes nothing. */
export function readsOnly(method: string): boolean {
  return reading.has(method);
}

/** True where asking changes nothing: the answer may be shared, and asked for again. */
export function isReading(ref: VaultRef | VaultSearch): boolean {
  return "prefix" in ref || ref.transit !== undefined || readsOnly(ref.method);
}
