import { flagOf, options } from "./options.ts";

/** A provider that Latchkey takes the place of. */
type Peer = "Vault" | "OpenBao" | "AWS";

/** A flag of such a provider that Latchkey does not have. */
export interface PeerFlag {
  /** Without dashes. */
  readonly name: string;
  readonly peers: readonly Peer[];
  /** The flags that do its job here; empty if none is needed. */
  readonly flags: readonly string[];
  /** The instruction on what to do instead. */
  readonly answer: string;
}

const both: readonly Peer[] = ["Vault", "OpenBao"];

/** Every flag of the providers that has another name here, or none. docs/migrate-vault.md tells the same (a test). */
export const peerFlags: readonly PeerFlag[] = [
  {
    name: "endpoint",
    peers: both,
    flags: ["--socket-dir", "--providers"],
    answer:
      "give --socket-dir DIR and --providers vault,openbao: each dialect has its socket there, vault.sock or openbao.sock",
  },
  { name: "debug", peers: both, flags: ["--log-level"], answer: "give --log-level debug" },
  { name: "version", peers: both, flags: [], answer: "run latchkey --version" },
  { name: "output", peers: ["Vault"], flags: [], answer: "leave it out: latchkey --version prints the version alone" },
  {
    name: "health-addr",
    peers: both,
    flags: ["--admin-listen"],
    answer: "give --admin-listen HOST:PORT, and probe /readyz there",
  },
  {
    name: "hmac-secret-name",
    peers: both,
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
    peers: both,
    flags: ["--cache-bytes"],
    answer:
      "leave it out: logins are shared by the pods of a service account and need no bound; --cache-bytes bounds what is kept",
  },
  {
    name: "provider-volume",
    peers: ["AWS"],
    flags: ["--socket-dir"],
    answer: "give --socket-dir DIR: the dialect aws has its socket aws.sock there",
  },
  {
    name: "driver-writes-secrets",
    peers: ["AWS"],
    flags: ["--deliver"],
    answer: "give --deliver driver for true, which is the default here, or --deliver provider for false",
  },
  ...["qps", "burst"].map(
    (name): PeerFlag => ({
      name,
      peers: ["AWS"],
      flags: [],
      answer: "leave it out: what the Kubernetes API said is kept, so that a mount does not wait for it",
    }),
  ),
  { name: "eks-addon-version", peers: ["AWS"], flags: [], answer: "leave it out: Latchkey is no EKS add-on" },
  {
    name: "pod-identity-http-timeout",
    peers: ["AWS"],
    flags: ["--aws-pod-identity-http-timeout"],
    answer: "give --aws-pod-identity-http-timeout DURATION, such as 500ms",
  },
];

/**
 * Explains what to give instead of the flags of other providers on a command line, one line for each: the flags that
 * Latchkey does not have, and those with one dash that it has with two. Empty if there are none.
 */
export function explainPeerFlags(argv: readonly string[]): readonly string[] {
  const own = new Set(Object.keys(options).map(flagOf));
  return argv.flatMap((argument) => {
    const [, dashes = "", name = ""] = /^(--?)([a-z][a-z0-9-]+)(?:=|$)/.exec(argument) ?? [];
    if (own.has(`--${name}`)) return dashes === "-" ? [`-${name}: write it with two dashes, --${name}`] : [];
    const flag = peerFlags.find((known) => known.name === name);
    return flag === undefined ? [] : [`${dashes}${name} (of the ${flag.peers.join(" and ")} provider): ${flag.answer}`];
  });
}
