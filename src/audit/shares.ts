import { LRUCache } from "lru-cache";
import type { Clock } from "../async/clock.ts";

const hour = 3_600_000;

/** In so many hours one namespace alone could fill all files with its lists. */
const leastHours = 24;

/** Most namespaces that are remembered: more than a node has pods. */
const mostNamespaces = 1_000;

/**
 * The bytes that lists of objects may take in the audit log, by namespace: a share at once, and the share again each hour. What
 * one namespace writes beyond that is folded, so that it does not have the lines of others rotated away.
 */
export class AuditShares {
  readonly #clock: Clock;
  readonly #share: number;
  readonly #left = new LRUCache<string, { readonly bytes: number; readonly at: number }>({ max: mostNamespaces });

  /** `allBytes`: of all files that are kept, together. */
  constructor(clock: Clock, allBytes: number) {
    this.#clock = clock;
    this.#share = Math.floor(allBytes / leastHours);
  }

  /** Takes as many of the `wanted` bytes as a namespace has left, and returns how many that are. */
  take(namespace: string, wanted: number): number {
    const at = this.#clock.now();
    const before = this.#left.get(namespace) ?? { bytes: this.#share, at };
    const left = Math.min(this.#share, before.bytes + ((at - before.at) / hour) * this.#share);
    const given = Math.min(wanted, Math.floor(left));
    this.#left.set(namespace, { bytes: left - given, at });
    return given;
  }
}
