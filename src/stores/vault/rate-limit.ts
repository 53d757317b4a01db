import { setTimeout as sleep } from "node:timers/promises";
import { ProviderError } from "../../errors.ts";

/** Time in milliseconds, and how it is waited for. */
export interface Waiting {
  now(): number;
  /** Rejects when `signal` aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<unknown>;
}

const systemWaiting: Waiting = {
  now: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }),
};

/** A token bucket: `burst` calls at once, then `perSecond`, first come first served. */
export class RateLimit {
  readonly #perMs: number;
  readonly #burst: number;
  readonly #waiting: Waiting;
  #left: number;
  #at: number;

  constructor(limit: { readonly perSecond: number; readonly burst: number }, waiting: Waiting = systemWaiting) {
    this.#perMs = limit.perSecond / 1000;
    this.#burst = Math.max(1, limit.burst);
    this.#waiting = waiting;
    this.#left = this.#burst;
    this.#at = waiting.now();
  }

  /** Waits for its turn. Throws `LK0031` where `signal` aborts first; the turn is then given back. */
  async turn(signal: AbortSignal): Promise<void> {
    const now = this.#waiting.now();
    this.#left = Math.min(this.#burst, this.#left + (now - this.#at) * this.#perMs) - 1;
    this.#at = now;
    if (this.#left >= 0) return;
    try {
      await this.#waiting.sleep(-this.#left / this.#perMs, signal);
    } catch (thrown) {
      if (!signal.aborted) throw thrown;
      this.#left += 1;
      throw new ProviderError("LK0031", "the rate limit that the operator set leaves no room for this call in time", {
        fix: "raise the rate limit (VAULT_RATE_LIMIT), or mount fewer volumes at once",
      });
    }
  }
}
