import type { Clock } from "../async/clock.ts";
import type { Logger } from "../log.ts";
import { explained, type UnprovedCause } from "./unproved.ts";

/** Least time between two warnings, in milliseconds. */
const warnEvery = 60_000;

/** Warns, once a minute at most, that tokens came that prove nobody. */
export class ProofWarnings {
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #counts = new Map<UnprovedCause, number>();
  #last = Number.NEGATIVE_INFINITY;

  constructor(log: Logger, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** Counts a mount; the next warning tells all since the last one, and the cure of what came most. */
  note(cause: UnprovedCause): void {
    this.#counts.set(cause, (this.#counts.get(cause) ?? 0) + 1);
    if (this.#clock.now() - this.#last < warnEvery) return;
    this.#last = this.#clock.now();
    const [[most] = [cause]] = [...this.#counts].sort(([, a], [, b]) => b - a);
    const { why, fix } = explained[most];
    const fields = { unprovedMounts: Object.fromEntries(this.#counts), why, fix };
    this.#log.warn(
      fields,
      "tokens prove no identity: nothing is cached for their mounts, and no Kubernetes Secret is written",
    );
    this.#counts.clear();
  }
}
