import type { OptionName } from "./option-flags.ts";

const ofServer = [
  "Addr",
  "AgentAddr",
  "Mount",
  "Namespace",
  "TlsCaCert",
  "TlsCaDirectory",
  "TlsServerName",
  "TlsClientCert",
  "TlsClientKey",
  "TlsSkipVerify",
] as const;

/** The settings of an operator that a plan hangs on. */
export const planOptions: readonly OptionName[] = [
  "config",
  "inlineStores",
  "tlsDir",
  "allowAddress",
  "awsRegion",
  ...ofServer.map((name) => `vault${name}` as const),
  ...ofServer.map((name) => `openbao${name}` as const),
];

/** The operator's settings for Kubernetes Secrets. */
export const secretOptions: readonly OptionName[] = [
  "sync",
  "syncNamespaces",
  "syncSystemNamespaces",
  "syncMetadataPrefixes",
];
