import { LRUCache } from "lru-cache";
import type { Clock } from "../async/clock.ts";

/** Without a word from the store: a second, twice as long each time, half a minute at most. */
const wait = { first: 1_000, most: 30_000 };

/** However long a store asks for, it is asked again after this, in milliseconds. */
const longestAsked = 300_000;

/** So many throttled logins are remembered. As a size, for a place for each would be kept free in every gate, and pod authors decide how many there are. */
const mostThrottled = 10_000;

/** Identities that a store has asked to call less, each by itself: one that is throttled does not slow the others. */
export class Backoff {
  readonly #clock: Clock;
  readonly #until = new LRUCache<string, { readonly at: number; readonly step: number }>({
    maxSize: mostThrottled,
    sizeCalculation: () => 1,
  });

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds until this login may call again; 0: now. */
  left(login: string): number {
    return Math.max(0, (this.#until.get(login)?.at ?? 0) - this.#clock.now());
  }

  /** The store has throttled this login, and maybe said for how long. */
  throttled(login: string, retryAfterMs?: number): void {
    const before = this.#until.get(login);
    const now = this.#clock.now();
    // Of calls that were under way together the first one counts.
    const paused = before !== undefined && now < before.at;
    const step = paused ? before.step : Math.min((before?.step ?? wait.first / 2) * 2, wait.most);
    const pause = retryAfterMs === undefined ? step : Math.min(retryAfterMs, longestAsked);
    const at = Math.max(before?.at ?? 0, now + (paused && retryAfterMs === undefined ? 0 : pause));
    this.#until.set(login, { at, step });
  }

  /** The store answered this login. A call that was under way when the pause began does not end the pause. */
  succeeded(login: string): void {
    if (this.left(login) === 0) this.#until.delete(login);
  }
}
