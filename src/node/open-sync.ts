import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { systemClock } from "../async/clock.ts";
import type { Config } from "../config/config.ts";
import { ConfigError } from "../config/config-error.ts";
import { flagOf } from "../config/options.ts";
import type { KubernetesApi } from "../kubernetes/api.ts";
import type { Logger } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import type { VersionKeys } from "../render/version.ts";
import { checkSyncPolicy, type SyncPolicy } from "../sync/policy.ts";
import { type SecretSync, syncOff } from "../sync/secret-sync.ts";

/** The parts that writing Kubernetes Secrets needs besides the settings. */
interface SyncParts {
  readonly api: KubernetesApi | undefined;
  readonly versionKeys: VersionKeys;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** Writes Kubernetes Secrets where the operator wants that; loaded only then. Throws `ConfigError` where it cannot. */
export async function openSync(config: Config, { api, versionKeys, log, metrics }: SyncParts): Promise<SecretSync> {
  if (!config.sync) return syncOff;
  if (api === undefined)
    throw new ConfigError(`${flagOf("sync")}: there is no Kubernetes API to write Secrets to; set --kubernetes-api`);
  const key = versionKeys.current("native");
  if (key === undefined)
    throw new ConfigError(`${flagOf("sync")}: there is no key for digests; set --version-key-file`);
  const { SecretSyncer } = await import("../sync/secret-syncer.ts");
  const policy = policyOf(config, await ownNamespace(config));
  const { syncRecheck: recheckMs } = config;
  return new SecretSyncer({ api, policy, key, recheckMs, clock: systemClock, random: Math.random, log, metrics });
}

/** Returns the check by which a mount refuses a SecretProviderClass's Kubernetes Secrets, by the settings alone. */
export function syncCheckOf(config: Config): SecretSync["check"] {
  if (!config.sync) return syncOff.check;
  const policy = policyOf(config, []);
  return (secrets, namespace) => checkSyncPolicy(policy, secrets, namespace);
}

function policyOf(config: Config, ownNamespaces: readonly string[]): SyncPolicy {
  return {
    namespaces: config.syncNamespaces,
    systemNamespaces: ["kube-*", ...config.syncSystemNamespaces, ...ownNamespaces],
    metadataPrefixes: config.syncMetadataPrefixes,
  };
}

/** Latchkey's own namespace lies beside its token: the Secrets of its keys are there. */
async function ownNamespace({ kubernetesTokenFile }: Config): Promise<readonly string[]> {
  try {
    return [(await readFile(join(dirname(kubernetesTokenFile), "namespace"), "utf8")).trim()];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new ConfigError(
      `${flagOf("kubernetesTokenFile")}: the file \`namespace\` beside it cannot be read; mount the whole service account volume`,
    );
  }
}
