import { auditOptions } from "./audit-options.ts";
import { forPlans, type Option, type OptionTable, option, optional, type ValuesOf } from "./option.ts";
import { syncOptions } from "./sync-options.ts";
import {
  absolutePath,
  bytes,
  caseless,
  choice,
  directory,
  duration,
  flag,
  integer,
  list,
  listenAddress,
  path,
  percent,
  positiveDuration,
  proxyUrl,
  text,
  tokenUrl,
  url,
} from "./values.ts";
import { verifyOptions } from "./verify-options.ts";

const serviceAccountDir = "/var/run/secrets/kubernetes.io/serviceaccount";

/** The settings of `latchkey serve` that no store and no dialect brings. */
const coreOptions = {
  ...forPlans({ config: optional(path, "YAML file with the same settings (keys in camelCase) and `profiles`") }),
  socketDir: option(path, "/var/run/secrets-store-csi-providers", "directory of the provider sockets, one per dialect"),
  drain: option(duration, 10_000, "how long running mounts may take to end after SIGTERM"),
  mountTimeout: option(positiveDuration, 30_000, "longest mount if the caller sets no deadline"),
  deliver: option(choice("driver", "provider"), "driver", "who writes the files into the volume"),
  kubeletDir: option(absolutePath, "/var/lib/kubelet", "the kubelet's directory, for --deliver provider"),
  allowDiskTarget: option(flag, false, "let --deliver provider write to a volume that is not a tmpfs"),
  maxReplyBytes: option(
    bytes,
    4 * 1024 ** 2,
    "largest reply; the driver refuses more than its --max-call-recv-msg-size",
  ),
  maxInflightBytes: option(
    bytes,
    64 * 1024 ** 2,
    "most bytes of replies that wait to be sent, for all mounts together",
  ),
  storeConcurrency: option(integer(1, 1024), 32, "most concurrent calls to one store"),
  storeQueue: option(integer(0, 100_000), 4_096, "most calls that wait for one store"),
  refresh: option(duration, 120_000, "how long a secret is served without asking its store; 0s asks at every mount"),
  minRefresh: option(duration, 0, "shortest refresh that a SecretProviderClass can ask for"),
  maxStale: option(duration, 86_400_000, "oldest secret that is served while its store cannot be reached; 0s: none"),
  spread: option(
    duration,
    0,
    "window over which pods take a new version, each at a time of its own, unless a SecretProviderClass says otherwise",
  ),
  canary: option(percent, 0, "share of pods that take a new version at once, before all others"),
  canaryHold: option(duration, 0, "how long all others wait behind the canary"),
  staleAfter: option(duration, 1_500, "how long a mount waits for the store if it has a cached value to serve"),
  denyMemory: option(duration, 10_000, "how long a denial is remembered before the store is asked again"),
  cacheBytes: option(bytes, 64 * 1024 ** 2, "memory for cached secrets"),
  versionKeyFile: optional(
    path,
    "file with the key of object versions, 32 random bytes or more, the same on every node",
  ),
  versionKey: optional(
    choice("ephemeral"),
    "use a random key instead: object versions change with every start and node",
  ),
  tokenRequests: option(
    flag,
    false,
    "ask the Kubernetes API for a pod's token if the driver sends none; needs the right to create serviceaccounts/token",
  ),
  tokenKeys: optional(path, "public keys of the cluster's tokens (JWKS or PEM); default: read from the Kubernetes API"),
  tokenIssuer: optional(
    text,
    "issuer of the cluster's tokens; needed with --token-keys; default: read from the Kubernetes API",
  ),
  kubernetesApi: optional(tokenUrl, "URL of the Kubernetes API; default: the cluster's own"),
  kubernetesTokenFile: option(path, `${serviceAccountDir}/token`, "token for the Kubernetes API"),
  kubernetesCaFile: option(path, `${serviceAccountDir}/ca.crt`, "CA of the Kubernetes API"),
  ...forPlans({
    inlineStores: option(
      flag,
      true,
      "let SecretProviderClasses of the native dialect contain settings of stores; false: only the operator's profiles",
    ),
    tlsDir: optional(
      directory,
      "directory that must hold the CA and client certificate files that a SecretProviderClass names; default: anywhere",
    ),
    allowAddress: option(
      list(text),
      [],
      "addresses, CIDRs, host names or unix:// paths that SecretProviderClasses may name although the address policy refuses them",
    ),
  }),
  httpProxy: hidden(optional(proxyUrl, "proxy for stores at http:// addresses", "HTTP_PROXY", "http_proxy")),
  httpsProxy: hidden(optional(proxyUrl, "proxy for stores at https:// addresses", "HTTPS_PROXY", "https_proxy")),
  proxyBypass: optional(text, "hosts, domains and CIDRs to reach without a proxy", "NO_PROXY", "no_proxy"),
  ...syncOptions,
  ...verifyOptions,
  ...auditOptions,
  cacheDir: optional(path, "private tmpfs directory that keeps the cache, sealed, across a restart; default: none"),
  cacheKeyFile: optional(
    path,
    "key that seals the cache directory, 32 random bytes or more; default: one derived from --version-key-file",
  ),
  cacheKeyWrap: optional(
    text,
    "key of a key service that wraps the cache directory's own key, instead of --cache-key-file: transit:MOUNT/KEY or aws-kms:ARN",
  ),
  cacheKeyWrapRole: optional(
    text,
    "role of that service for --cache-key-wrap: a role of the auth method, or the ARN of an IAM role",
  ),
  cacheKeyWrapTokenFile: optional(
    path,
    "file with a service account token of Latchkey's own for --cache-key-wrap, read at each use",
  ),
  cacheKeyWrapAddress: optional(url, "address of the server for --cache-key-wrap transit:MOUNT/KEY"),
  cacheKeyWrapCaFile: optional(path, "PEM file with the CA of that server; default: the CAs of Node.js"),
  allowDiskCache: option(flag, false, "let --cache-dir be on a disk"),
  checkPods: option(
    flag,
    false,
    "ask the Kubernetes API once a minute whether pods that have leases are there; needs the right to get pods",
  ),
  podGoneAfter: option(
    duration,
    600_000,
    "shortest silence after which a pod that is not remounted any more counts as gone, so that its leases are revoked",
  ),
  nodeName: optional(
    text,
    "name of the node, for its region label; default: read from Latchkey's own pod",
    "NODE_NAME",
  ),
  adminSocket: optional(path, "Unix socket in a private directory for `latchkey cache`; default: none"),
  adminListen: option(listenAddress, null, "address on which to serve /healthz, /readyz and /metrics"),
  logLevel: option(
    caseless(choice("trace", "debug", "info", "warn", "error", "off")),
    "info",
    "lowest level that is logged",
  ),
} as const;

/** The values of the settings that no store and no dialect brings. */
export type CoreValues = ValuesOf<typeof coreOptions> & { readonly providers: readonly string[] };

/** The dialects that there are, and the settings that come with dialects and stores. */
export interface Brought {
  readonly dialects: readonly [string, ...string[]];
  readonly options: OptionTable;
}

/**
 * Every setting of `latchkey serve`: the one table behind flags, environment, config file and `--help`. The first of the
 * dialects is served if nobody says which.
 */
export function createOptionTable({ dialects, options }: Brought): OptionTable & typeof coreOptions {
  const providers = option(list(choice(...dialects)), [dialects[0]], "dialects to serve");
  const { config, socketDir, ...rest } = coreOptions;
  return { ...{ config, socketDir, providers }, ...rest, ...options };
}

function hidden<O extends Option>(each: O): O {
  return { ...each, hidden: true };
}

/** `maxReplyBytes` to `--max-reply-bytes`. */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** `maxReplyBytes` to `LATCHKEY_MAX_REPLY_BYTES`. */
export function variableOf(name: string): string {
  return `LATCHKEY_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}
