import { LRUCache } from "lru-cache";
import type { Clock } from "../async/clock.ts";
import { toProviderError } from "../errors.ts";
import type { PodIsThere } from "../fetch/leases/pod-directory.ts";
import type { KubernetesApi } from "../kubernetes/api.ts";
import type { Logger } from "../log.ts";

/** Between two questions about one pod, in milliseconds: a tenth more or less, so that nodes do not ask in step. */
const askEvery = 60_000;

/** Longest that the API is waited for, in milliseconds. */
const askMs = 5_000;

/** The parts that asking the API needs. */
interface ApiParts {
  readonly api: KubernetesApi;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
}

/** Asks the Kubernetes API once a minute whether a pod is there. It knows nothing of a pod while the API cannot be asked. */
export function podsOfApi({ api, clock, random, log }: ApiParts): PodIsThere {
  const next = new LRUCache<string, number>({ max: 10_000 });
  let told = false;
  return async (pod) => {
    const now = clock.now();
    if (now < (next.get(pod.uid) ?? 0)) return undefined;
    next.set(pod.uid, now + askEvery * (0.9 + random() / 5));
    const { isPodThere } = await import("../kubernetes/pod.ts");
    try {
      return await isPodThere(api, pod, AbortSignal.timeout(askMs));
    } catch (thrown) {
      const cause = toProviderError(thrown);
      if (!told)
        log.warn({ cause: cause.describe() }, "cannot ask the Kubernetes API whether pods with leases are there");
      told = true;
      return undefined;
    }
  };
}

/** Takes the first word that somebody has. */
export function firstWordOf(...asked: readonly PodIsThere[]): PodIsThere {
  return async (pod) => {
    for (const ask of asked) {
      const isThere = await ask(pod);
      if (isThere !== undefined) return isThere;
    }
    return undefined;
  };
}
