import type { Clock } from "../async/clock.ts";
import { shared } from "../async/once.ts";
import { Pending, type Task } from "./pending.ts";

/** The most memory for content that waits for its identity to be proved, in bytes. */
const mostBytes = 8 * 1024 ** 2;

/** While something waits, it is tried again after this, in milliseconds: time alone can prove a token, too. */
const tryEvery = 10_000;

/** The clock, and what to do with offers that waited. */
export interface UnprovedOffersOptions {
  readonly clock: Clock;
  readonly proved: (task: Task) => void;
  /** Its tokens prove nothing any more. */
  readonly lost: (task: Task) => void;
  /** It had to make room for others. */
  readonly dropped: (task: Task) => void;
}

/**
 * Content that may be written as soon as the identity that offered it is proved: the cluster's keys were not known when its pod
 * mounted. Held within bounds of memory, and no longer than its tokens are valid.
 */
export class UnprovedOffers {
  readonly #options: UnprovedOffersOptions;
  readonly #pending = new Pending(mostBytes);
  readonly #tryAll = shared(() => this.#try());
  #cancelTimer: (() => void) | undefined;

  constructor(options: UnprovedOffersOptions) {
    this.#options = options;
  }

  /** Holds a task in the place of an earlier one of the same Secret. */
  add(task: Task): void {
    for (const dropped of this.#pending.add(task)) this.#options.dropped(dropped);
    this.#later();
  }

  /** The task that waits for a Secret. */
  get(namespace: string, key: string): Task | undefined {
    return this.#pending.get(namespace, key);
  }

  /** Tries all of them now. */
  tryAll(): void {
    void this.#tryAll();
  }

  /** Gives all of them up. */
  close(): void {
    this.#cancelTimer?.();
    this.#pending.clear();
  }

  async #try(): Promise<void> {
    for (const task of this.#pending.all) {
      const verdict = (await task.offer.identity.unproved?.again?.()) ?? "never";
      // Meanwhile a later mount can have come in its place.
      const isStill = this.#pending.get(task.desired.namespace, task.key) === task;
      if (verdict === "later" || !isStill) continue;
      this.#pending.take(task);
      this.#options[verdict === "proved" ? "proved" : "lost"](task);
    }
    this.#later();
  }

  #later(): void {
    if (this.#cancelTimer !== undefined || this.#pending.all.length === 0) return;
    this.#cancelTimer = this.#options.clock.after(tryEvery, () => {
      this.#cancelTimer = undefined;
      this.tryAll();
    });
  }
}
