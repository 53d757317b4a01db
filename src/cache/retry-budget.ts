import type { Clock } from "../async/clock.ts";

/** A retry for every ten calls, and three in each ten seconds besides: retries must never multiply an outage. */
const perCall = 0.1;
const besides = { most: 3, windowMs: 10_000 };

/** Decides whether a failed call may be tried once more. */
export class RetryBudget {
  readonly #clock: Clock;
  #earned = 0;
  #besides: number = besides.most;
  #refilledAt: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#refilledAt = clock.now();
  }

  /** A call goes out. */
  called(): void {
    this.#earned = Math.min(this.#earned + perCall, 10);
  }

  /** Takes a retry from the budget; false where it has none. */
  take(): boolean {
    this.#refill();
    if (this.#earned >= 1) this.#earned -= 1;
    else if (this.#besides >= 1) this.#besides -= 1;
    else return false;
    return true;
  }

  /** Milliseconds until it has one by time alone. */
  get wait(): number {
    this.#refill();
    return Math.max(0, ((1 - this.#besides) * besides.windowMs) / besides.most);
  }

  #refill(): void {
    const now = this.#clock.now();
    this.#besides = Math.min(
      besides.most,
      this.#besides + ((now - this.#refilledAt) * besides.most) / besides.windowMs,
    );
    this.#refilledAt = now;
  }
}
