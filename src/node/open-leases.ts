import { systemClock } from "../async/clock.ts";
import type { Cache } from "../cache/cache.ts";
import type { Keeper } from "../cache/persistence/keeper.ts";
import type { Config } from "../config/config.ts";
import { ConfigError } from "../config/config-error.ts";
import { flagOf } from "../config/options.ts";
import { toProviderError } from "../errors.ts";
import type { HeldLease, LeaseEvent } from "../fetch/leases/held-lease.ts";
import type { KeptLeases } from "../fetch/leases/kept-leases.ts";
import { Leases } from "../fetch/leases/leases.ts";
import { LivingPods } from "../fetch/leases/living-pods.ts";
import { type PodIsThere, podDirectory } from "../fetch/leases/pod-directory.ts";
import type { KubernetesApi } from "../kubernetes/api.ts";
import type { Logger } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import type { Auditing } from "../mount/audit-step.ts";
import type { Secret, Stores } from "../stores/store.ts";
import { firstWordOf, podsOfApi } from "./pods-there.ts";

/** The parts of the process that leases hang on. */
interface LeaseSurroundings {
  readonly api: KubernetesApi | undefined;
  readonly cache: Cache<Secret>;
  readonly stores: Stores;
  readonly keeper: Keeper<Secret> | undefined;
  readonly audit: Auditing | undefined;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** Leases that are kept up, and how to end that. */
export interface OpenLeases {
  readonly leases: Leases;
  /** Stops renewing and writes down what is held. Nothing is revoked. */
  close(): Promise<void>;
}

/** Keeps up what stores issue, and what an earlier process of this node held. */
export async function openLeases(config: Config, parts: LeaseSurroundings): Promise<OpenLeases> {
  const { cache, keeper, metrics } = parts;
  const kept = keeper && new (await import("../fetch/leases/kept-leases.ts")).KeptLeases(keeper, systemClock);
  const leases: Leases = new Leases({
    clock: systemClock,
    random: Math.random,
    ...{ cache, metrics },
    living: new LivingPods(config.podGoneAfter),
    podIsThere: podsThere(config, parts),
    report: (event, held, error) => report(event, held, error, parts),
    changed: () => kept?.writeSoon(() => leases.list()),
  });
  metrics.offer("leases", () => leases.size);
  if (kept !== undefined) await restore(kept, leases, parts);
  return {
    leases,
    async close() {
      leases.close();
      await kept?.write(leases.list());
    },
  };
}

/** The kubelet's directory knows best; the API is asked where the operator allows that. Throws `ConfigError` without an API. */
function podsThere({ kubeletDir, checkPods }: Config, { api, log }: LeaseSurroundings): PodIsThere {
  const directory = podDirectory(kubeletDir);
  if (!checkPods) return directory;
  if (api === undefined)
    throw new ConfigError(`${flagOf("checkPods")}: there is no Kubernetes API; set ${flagOf("kubernetesApi")}`);
  return firstWordOf(directory, podsOfApi({ api, clock: systemClock, random: Math.random, log }));
}

async function restore(kept: KeptLeases, leases: Leases, { stores, log }: LeaseSurroundings): Promise<void> {
  try {
    const count = await kept.restore(leases, stores);
    if (count > 0) log.info({ leases: count }, "leases of an earlier process are kept up");
  } catch (thrown) {
    // They last to their end, and pods get others at their next mount.
    log.warn({ cause: toProviderError(thrown).id }, "leases of an earlier process cannot be kept up");
  }
}

function report(event: LeaseEvent, held: HeldLease, error: unknown, { audit, log, metrics }: LeaseSurroundings): void {
  const { pod, name, login } = held;
  const { namespace, serviceAccount, store } = login.at.about;
  metrics.tell("leaseChanged", { store, event });
  const why = error === undefined ? {} : { cause: toProviderError(error).describe() };
  const level = event === "lost" || event === "refused" ? "warn" : "info";
  log[level]({ event, namespace, serviceAccount, pod: pod.name, store, name, ...why }, texts[event]);
  const line = { time: new Date(systemClock.wall()).toISOString(), namespace, serviceAccount, pod };
  const objects = [{ store, ref: name, answer: event }];
  audit?.writer
    .write({ ...line, result: error === undefined ? "ok" : toProviderError(error).id, objects })
    .catch(() => {
      metrics.tell("auditFailed", undefined);
    });
}

const texts: Readonly<Record<LeaseEvent, string>> = {
  renewed: "lease renewed",
  replaced: "lease replaced by another one",
  revoked: "lease revoked, because its pod is gone",
  refused: "lease cannot be renewed; the pod gets another one before it ends",
  lost: "lease lost; the pod gets another one at its next mount",
};
