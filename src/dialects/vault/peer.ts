import type { IgnoredVariable } from "../../config/ignored-variable.ts";
import type { Peer, PeerFlag } from "../../config/peer-flags.ts";
import type { Flavour } from "./flavour.ts";

/** The flags of both providers that have another name here, or none. docs/migrate-vault.md tells the same (a test). */
const flags: readonly PeerFlag[] = [
  {
    name: "endpoint",
    flags: ["--socket-dir", "--providers"],
    answer:
      "give --socket-dir DIR and --providers vault,openbao: each dialect has its socket there, vault.sock or openbao.sock",
  },
  { name: "debug", flags: ["--log-level"], answer: "give --log-level debug" },
  { name: "version", flags: [], answer: "run latchkey --version" },
  {
    name: "health-addr",
    flags: ["--admin-listen"],
    answer: "give --admin-listen HOST:PORT, and probe /readyz there",
  },
  {
    name: "hmac-secret-name",
    flags: [
      "--vault-hmac-secret-name",
      "--openbao-hmac-secret-name",
      "--vault-version-key-file",
      "--openbao-version-key-file",
    ],
    answer:
      "give --vault-hmac-secret-name NAME or --openbao-hmac-secret-name NAME; or mount that Secret and give its file to --vault-version-key-file or --openbao-version-key-file, which needs no right",
  },
  {
    name: "cache-size",
    flags: ["--cache-bytes"],
    answer:
      "leave it out: logins are shared by the pods of a service account and need no limit; --cache-bytes limits the cache",
  },
];

const ofVault: readonly PeerFlag[] = [
  { name: "output", flags: [], answer: "leave it out: latchkey --version prints the version alone" },
];

/** Returns the provider that a flavour's dialect takes the place of. */
export function peerOf({ name, product }: Flavour): Peer {
  return { product, flags: name === "vault" ? [...flags, ...ofVault] : flags };
}

/** The reason for ignoring each variable, and what does its job here; by its name after `VAULT_` or `BAO_`. */
export const ignoredVariables: ReadonlyMap<string, string> = new Map([
  ["TOKEN", "every pod logs in as itself; with one token for all, each pod could read what any other pod may read"],
  [
    "CLIENT_TIMEOUT",
    "--mount-timeout and the caller's deadline limit a mount; --stale-after limits the wait if a cached value can be served",
  ],
  [
    "MAX_RETRIES",
    "requests that are safe to repeat are retried within the mount's time and a shared budget; others are not",
  ],
  ["WRAP_TTL", "a wrapped answer would hold no secret for the pod's file"],
  ["MFA", "a pod has nobody who could answer the challenge"],
]);

/** Returns the variables that a flavour's provider obeys and Latchkey does not. OpenBao's reads Vault's too. */
export function ignoredBy({ name }: Flavour): readonly IgnoredVariable[] {
  const prefixes = name === "openbao" ? ["BAO_", "VAULT_"] : ["VAULT_"];
  return prefixes.flatMap((prefix) =>
    [...ignoredVariables].map(([end, reason]) => ({ variable: `${prefix}${end}`, reason })),
  );
}
