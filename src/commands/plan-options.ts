import type { Config } from "../config/config.ts";
import type { OptionName } from "./option-flags.ts";
import { addressPolicyOf, operatorDefaultsOf, storesOf } from "./parts.ts";

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

/** What plans are made with, of an operator's settings. Throws `ConfigError`. */
export function planSurroundings(config: Config) {
  return { operator: operatorDefaultsOf(config), stores: storesOf(config), addresses: addressPolicyOf(config) };
}
