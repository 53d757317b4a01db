import type { Clock } from "../async/clock.ts";

/** Failures in a row, without a success between, that open the breaker. */
const leastFailures = 3;

/** Between two probes, in milliseconds: at least a second, and a jitter so that nodes do not probe in step. */
const probeInterval = { least: 1_000, jitter: 1_000 };

/**
 * `closed`: the store answers. `slow`: it has kept somebody waiting too long; who has something to serve does not wait
 * for it. `open`: it cannot be reached; nobody waits for it.
 */
export type BreakerState = "closed" | "slow" | "open";

/**
 * Keeps calls from a store that cannot be reached. Only failures to reach it are told to the breaker: what the store
 * itself says, however bad, is a success here. While it is not closed, a call now and then goes through as a probe, at
 * most one a second; calls without which nothing can be served go to a slow store as well.
 */
export class Breaker {
  readonly #clock: Clock;
  readonly #random: () => number;
  #state: BreakerState = "closed";
  #failures = 0;
  #nextProbe = 0;

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** Until the next probe, in milliseconds. */
  get wait(): number {
    return Math.max(0, this.#nextProbe - this.#clock.now());
  }

  /** Whether a call may go out now; `urgent` where nothing can be served without it. A `true` while open is the probe. */
  admits(urgent: boolean): boolean {
    if (this.#state === "closed" || (this.#state === "slow" && urgent)) return true;
    if (this.#clock.now() < this.#nextProbe) return false;
    this.#planProbe();
    return true;
  }

  /** The store answered in time, whatever it said. */
  succeeded(): void {
    this.#failures = 0;
    this.#state = "closed";
  }

  /** The store was not reached. */
  failed(): void {
    this.#failures += 1;
    if (this.#failures >= leastFailures) this.#leave("open");
  }

  /** A call has waited too long and still does. */
  delayed(): void {
    if (this.#state === "closed") this.#leave("slow");
  }

  #leave(state: "slow" | "open"): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#planProbe();
  }

  #planProbe(): void {
    this.#nextProbe = this.#clock.now() + probeInterval.least + this.#random() * probeInterval.jitter;
  }
}
