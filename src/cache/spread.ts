import { hash } from "node:crypto";
import type { Entry } from "./entries.ts";

/** How a new version reaches volumes that have an older one. Times in milliseconds. */
export interface SpreadRules {
  /** Window over which volumes take it; 0: at once. */
  readonly spread: number;
  /** The share of pods that take it first, from 0 to 1. */
  readonly canary?: number | undefined;
  /** How long all others wait behind those. */
  readonly canaryHold?: number | undefined;
}

/** The volume that asks. By `Clock`, in milliseconds. */
export interface AskingVolume {
  readonly now: number;
  readonly wall: number;
  /** When it was first mounted. */
  readonly mountedAt: number;
  /** The pod's uid. */
  readonly pod: string;
  /** Equal for secrets that change in one step; the secret's own key otherwise. */
  readonly unit: string;
}

/** A change that volumes have not all taken yet. By `Clock.now`. */
export interface Change<V> {
  /** When this node learnt of the newer value. */
  readonly since: number;
  /** When this volume takes it. */
  readonly releasesAt: number;
  readonly newest: Dated<V>;
  readonly older: Dated<V>;
}

/** A value with the time of its own fetch. */
interface Dated<V> {
  readonly value: V;
  readonly fetchedAt: number;
}

/** Returns for how long a new version is held back from some volume at most. */
export function windowOf({ spread, canary = 0, canaryHold = 0 }: SpreadRules): number {
  return spread + (canary > 0 ? canaryHold : 0);
}

/**
 * Returns the change that an entry has for a volume; undefined where it takes the newest: it was mounted after that had come, and
 * never goes back, its window is over, or `notBefore` came since.
 */
export function changeOf<V>(
  { value, fetchedAt, held }: Entry<V>,
  rules: SpreadRules & { readonly notBefore?: number | undefined },
  volume: AskingVolume,
): Change<V> | undefined {
  const { now, wall, mountedAt } = volume;
  const window = windowOf(rules);
  if (held === undefined || now >= held.until || mountedAt >= held.since || window === 0) return undefined;
  if ((rules.notBefore ?? 0) > wall - window) return undefined;
  const releasesAt = Math.min(held.until, held.since + delayOf(rules, volume));
  return {
    ...{ since: held.since, releasesAt, newest: { value, fetchedAt } },
    older: { value: held.value, fetchedAt: held.fetchedAt },
  };
}

/** Pods of the canary take it at once, all others at a place of their own in the window, behind the hold. */
function delayOf({ spread, canary = 0, canaryHold = 0 }: SpreadRules, { pod, unit }: AskingVolume): number {
  const digest = hash("sha256", `${pod} ${unit}`, "buffer");
  if (digest.readUInt32BE(0) / 2 ** 32 < canary) return 0;
  return (canary > 0 ? canaryHold : 0) + (digest.readUInt32BE(4) / 2 ** 32) * spread;
}

/**
 * Returns when secrets that change in one step are released together: the last of their times, for as long as one began before
 * the ones before it were released. What came later is another change.
 */
export function releaseTogether(changes: readonly Pick<Change<unknown>, "since" | "releasesAt">[]): number {
  let releasesAt = Number.NEGATIVE_INFINITY;
  for (const change of [...changes].sort((a, b) => a.since - b.since)) {
    if (releasesAt > Number.NEGATIVE_INFINITY && change.since >= releasesAt) break;
    releasesAt = Math.max(releasesAt, change.releasesAt);
  }
  return releasesAt;
}
