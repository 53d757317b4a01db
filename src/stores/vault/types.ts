/** How to reach and log in to one Vault or OpenBao server. */
export interface VaultSettings {
  /** `http(s)://host[:port][/base]`, without a trailing slash. */
  readonly address: string;
  /** Operator addresses are trusted; a pod author's pass the address policy. */
  readonly addressFrom: "operator" | "pod";
  /** `X-Vault-Namespace`. */
  readonly namespace?: string | undefined;
  /** Path of a PEM file with the CA; the operator's word only. */
  readonly caFile?: string | undefined;
  /** The CA as PEM text. */
  readonly ca?: string | undefined;
  /** SNI and the name that the certificate is checked against. */
  readonly tlsServerName?: string | undefined;
  /** Mount of the Kubernetes or JWT auth method, without slashes at its ends: `kubernetes`. */
  readonly authMount: string;
  readonly role: string;
  /** Audience of the service account token. */
  readonly audience: string;
}

/** One read. */
export interface VaultRef {
  /** Cleaned, unescaped API path that starts with `/v1/`. */
  readonly path: string;
  /** Query string, sorted and escaped as Go's `url.Values.Encode` does, without `?`; empty for none. */
  readonly query: string;
}
