import { LRUCache } from "lru-cache";

/** One pod, as its own mounts show it. By `Clock.now`, in milliseconds. */
interface Seen {
  /** Its last mounts, the latest one last; three at most. */
  readonly times: readonly number[];
  readonly longestGap: number;
}

/** A pod that was silent for so many of its own longest gaps may be gone. */
const gapsOfSilence = 3;

/**
 * Tells by mounts which pods live: one that remounts lives. Silence counts only while others are remounted: a driver that
 * was stopped tells nothing of any pod.
 */
export class LivingPods {
  readonly #leastSilence: number;
  readonly #seen = new LRUCache<string, Seen>({ max: 10_000 });

  /** `leastSilence`: no pod counts as gone before it was silent for so long, in milliseconds. */
  constructor(leastSilence: number) {
    this.#leastSilence = leastSilence;
  }

  /** Notes that a volume of a pod was mounted. */
  mounted(pod: string, now: number): void {
    const seen = this.#seen.get(pod);
    const last = seen?.times.at(-1);
    if (seen === undefined || last === undefined) {
      this.#seen.set(pod, { times: [now], longestGap: 0 });
      return;
    }
    // Volumes of one pod come together.
    if (now - last < 1_000) return;
    this.#seen.set(pod, {
      times: [...seen.times, now].slice(-gapsOfSilence),
      longestGap: Math.max(seen.longestGap, now - last),
    });
  }

  /** Takes a pod of an earlier process for mounted now, if it has not been mounted since. */
  expect(pod: string, now: number): void {
    if (!this.#seen.has(pod)) this.#seen.set(pod, { times: [now], longestGap: 0 });
  }

  /**
   * Whether a pod has not been remounted for so long that it must be gone. One that never was remounted, such as that of a short
   * job, is judged by the gaps of the others.
   */
  isGone(pod: string, now: number): boolean {
    const seen = this.#seen.peek(pod);
    const last = seen?.times.at(-1);
    if (seen === undefined || last === undefined) return false;
    const others = [...this.#seen.entries()].filter(([other]) => other !== pod).map(([, each]) => each);
    const gap = seen.longestGap > 0 ? seen.longestGap : Math.max(0, ...others.map(({ longestGap }) => longestGap));
    const isSilent = now - last >= Math.max(this.#leastSilence, gapsOfSilence * gap);
    // Another pod was remounted meanwhile as often as this one should have been.
    return isSilent && others.some(({ times }) => times.length === gapsOfSilence && (times[0] ?? 0) > last);
  }

  /** Forgets a pod that is gone. */
  forget(pod: string): void {
    this.#seen.delete(pod);
  }
}
