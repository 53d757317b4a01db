import { LRUCache } from "lru-cache";
import type { Clock } from "../async/clock.ts";
import type { SyncResult } from "./secret-sync.ts";

/** The time until a refused Secret is tried again, in milliseconds, with a mount that still wants it. */
const refusedFor = 60_000;

/** How one Secret was last found or left. */
interface Known {
  /** Of the content that it was looked at with. */
  readonly digest: string;
  readonly isRefused: boolean;
  /** Of the class that it belongs to; undefined if nothing was found or left there. */
  readonly ownerUid: string | undefined;
  readonly until: number;
}

/** How long what is known counts. */
export interface KnownSecretsOptions {
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
  /** How long what was written counts as being there, in milliseconds. */
  readonly recheckMs: number;
}

/**
 * Holds what is known of Kubernetes Secrets without looking at them: the content that each was left with, and content
 * that is older than that.
 */
export class KnownSecrets {
  readonly #options: KnownSecretsOptions;
  readonly #known = new LRUCache<string, Known>({ max: 20_000 });
  /** Content that gave way to newer content, by key and digest: while a value is held back, old and new pods offer in turn. */
  readonly #older = new LRUCache<string, Known>({ max: 20_000 });

  constructor(options: KnownSecretsOptions) {
    this.#options = options;
  }

  /** Returns what is known of this content, however old that knowledge is. */
  get(key: string, digest: string): Known | undefined {
    const known = this.#known.get(key);
    return known?.digest === digest ? known : this.#older.get(olderKey(key, digest));
  }

  /** Whether that still counts. A Secret goes with the class that it belongs to, so not if that has another uid by now. */
  counts(key: string, digest: string, ownerUid: string | undefined): boolean {
    const known = this.get(key, digest);
    if (known === undefined || this.#options.clock.now() >= known.until) return false;
    return known.ownerUid === undefined || ownerUid === undefined || known.ownerUid === ownerUid;
  }

  /** Remembers how a Secret was found or left. */
  conclude(key: string, digest: string, result: SyncResult, ownerUid: string | undefined): void {
    const { clock, random, recheckMs } = this.#options;
    const spread = 0.9 + random() / 5;
    const counts = result === "refused" || result === "older" ? Math.min(refusedFor, recheckMs) : recheckMs;
    const until = clock.now() + counts * spread;
    const known = { digest, isRefused: result === "refused", ownerUid, until };
    if (result === "older") {
      this.#older.set(olderKey(key, digest), known);
      return;
    }
    this.#known.set(key, known);
    this.#older.delete(olderKey(key, digest));
  }
}

function olderKey(key: string, digest: string): string {
  return `${key} ${digest}`;
}
