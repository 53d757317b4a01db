import { setImmediate as nextTurn } from "node:timers/promises";
import { ProviderError } from "../errors.ts";

/** A unit takes up to a microsecond: a whole mount takes so many at most, in turns. */
const mostWork = 2_000_000;

/** After so much work the mounts of others get a turn. */
const workOfTurn = 5_000;

/**
 * The work of one mount, as far as its class and its secrets decide how much it is. It is counted before it is done, so that
 * nobody can have the process do more.
 */
export class Work {
  #left: number;
  #ofTurn = 0;

  constructor(most = mostWork) {
    this.#left = most;
  }

  /** Counts what is about to be done. Throws `LK0043`, which says what takes too much. */
  charge(units: number, what: string): void {
    this.#left -= units;
    this.#ofTurn += units;
    if (this.#left >= 0) return;
    throw new ProviderError("LK0043", `${what} takes more work than one mount may`, {
      fix: "ask for less in one volume: fewer searches, narrower ones, or simpler patterns",
    });
  }

  /** Resolves when the mount may go on; undefined if it may at once. */
  turn(): Promise<void> | undefined {
    if (this.#ofTurn < workOfTurn) return undefined;
    this.#ofTurn = 0;
    return nextTurn();
  }
}
