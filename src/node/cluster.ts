import packageJson from "../../package.json" with { type: "json" };
import { systemClock } from "../async/clock.ts";
import type { Keeper } from "../cache/persistence/keeper.ts";
import type { Config } from "../config/config.ts";
import { ConfigError } from "../config/config-error.ts";
import { readOperatorFile } from "../config/operator-file.ts";
import { flagOf } from "../config/options.ts";
import { NodeLabels } from "../fetch/node-label.ts";
import type { Warn } from "../http/pem.ts";
import { PodTokens } from "../identity/pod-tokens.ts";
import type { KubernetesApi } from "../kubernetes/api.ts";
import type { WatchedKeys } from "../kubernetes/token-keys.ts";
import type { Logger } from "../log.ts";
import type { Secret, Stores } from "../stores/store.ts";

/** The client of the Kubernetes API; undefined if there is none. */
export async function openKubernetesApi(config: Config, warn?: Warn): Promise<KubernetesApi | undefined> {
  const { kubernetesApi: url, kubernetesTokenFile: tokenFile, kubernetesCaFile: caFile } = config;
  if (url === undefined) return undefined;
  const { createKubernetesApi } = await import("../kubernetes/api.ts");
  return createKubernetesApi({ url, tokenFile, caFile, userAgent: `latchkey/${packageJson.version}`, warn });
}

/**
 * The keys that the cluster signs tokens with: from `--token-keys`, from the API, or none at all, which is logged. Close them.
 * Throws `ConfigError` for a file that holds none.
 */
export async function openTokenKeys(
  config: Config,
  api: KubernetesApi | undefined,
  keeper: Keeper<Secret> | undefined,
  log: Logger,
): Promise<WatchedKeys> {
  const { tokenKeys: file, tokenIssuer: issuer } = config;
  const { fixedTokenKeys, TokenKeysError, unchangingKeys } = await import("../kubernetes/token-keys.ts");
  if (file !== undefined && issuer !== undefined) {
    const setting = flagOf("tokenKeys");
    const keys = (await readOperatorFile(file, setting)).toString();
    try {
      return fixedTokenKeys(issuer, keys);
    } catch (error) {
      throw error instanceof TokenKeysError ? new ConfigError(`${setting}: ${error.message}`) : error;
    }
  }
  if (api === undefined) {
    log.warn("no Kubernetes API and no --token-keys: no token can be proved, and only the stores check them");
    return unchangingKeys(undefined);
  }
  const { ClusterKeys } = await import("../kubernetes/cluster-keys.ts");
  const keys = new ClusterKeys({ api, log, keeper, issuer, clock: systemClock, random: Math.random });
  await keys.restore();
  keys.start();
  return keys;
}

/** Asks for the tokens that the driver does not send; undefined where that is off. Throws `ConfigError` without an API. */
export function openPodTokens(config: Config, api: KubernetesApi | undefined, stores: Stores): PodTokens | undefined {
  if (!config.tokenRequests) return undefined;
  if (api !== undefined) return new PodTokens({ api, stores, clock: systemClock, random: Math.random });
  throw new ConfigError(
    `${flagOf("tokenRequests")}: there is no Kubernetes API to ask for tokens; set --kubernetes-api`,
  );
}

/** Tells what plans take from this node's labels; undefined without an API. */
export function openNodeLabels(
  config: Config,
  api: KubernetesApi | undefined,
  keeper: Keeper<Secret> | undefined,
): NodeLabels | undefined {
  if (api === undefined) return undefined;
  const { providers, nodeName } = config;
  return new NodeLabels(providers, { api, keeper, nodeName, clock: systemClock, random: Math.random });
}
