import type { Clock } from "../async/clock.ts";
import type { ProviderError } from "../errors.ts";
import { type FailedCall, waitBeforeNext, waitForBudget } from "./patience.ts";
import { type Patience, pause } from "./pause.ts";
import { RetryBudget } from "./retry-budget.ts";

/** How often one call has gone out, and how often when a retry was last taken for it. */
export interface Tries {
  sent: number;
  paid: number;
}

/** A call that failed, and how long it is waited for. */
type Failure = Omit<FailedCall, "sent" | "random"> & Patience;

/** Decides whether calls to one endpoint are made again, and when: by what failed, and within a budget for all of them. */
export class Retries {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #budget: RetryBudget;
  /** Failures that a retry was taken for: those who share a login or a batch share its failure, and go again together. */
  readonly #paid = new WeakSet<ProviderError>();

  constructor({ clock, random }: { readonly clock: Clock; readonly random: () => number }) {
    this.#clock = clock;
    this.#random = random;
    this.#budget = new RetryBudget(clock);
  }

  /** A call goes out. */
  called(): void {
    this.#budget.called();
  }

  /** Waits until the call may be made again; false where it may not. */
  async goesAgain(failure: Failure, tries: Tries): Promise<boolean> {
    const wait = waitBeforeNext({ ...failure, sent: tries.sent, random: this.#random });
    if (wait === undefined || failure.signal.aborted) return false;
    if (wait === 0) return this.#take(failure, tries);
    let passed = await pause(this.#clock, wait, failure);
    while (passed && !this.#take(failure, tries)) {
      passed = await pause(this.#clock, waitForBudget(this.#budget.wait, this.#random), failure);
    }
    return passed;
  }

  /** Takes a retry: one for all calls that share a failure, and none for a call that has not gone out since the last one. */
  #take({ error }: Failure, tries: Tries): boolean {
    if (tries.paid < tries.sent && !this.#paid.has(error) && !this.#budget.take()) return false;
    this.#paid.add(error);
    tries.paid = tries.sent;
    return true;
  }
}
