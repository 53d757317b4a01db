import type { Clock } from "../async/clock.ts";
import { Breaker, type BreakerState } from "./breaker.ts";

/** Where a call was when it failed to get an answer that counts. */
export type Miss =
  /** Nothing of the store was there: the same for everybody. */
  | "connection"
  /** Something answered, or never did: one pod can choose a path for which a healthy server does so. */
  | "answer";

/**
 * The breakers of one endpoint: one for everybody, and one for each namespace that has failed since the endpoint last
 * answered. What one namespace alone sees holds nobody else back.
 */
export class Breakers {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #all: Breaker;
  readonly #own = new Map<string, Breaker>();

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
    this.#all = new Breaker(clock, random);
  }

  /** The worst state that anybody meets, for the operator. */
  get worst(): BreakerState {
    const states = [this.#all, ...this.#own.values()].map(({ state }) => state);
    return states.find((state) => state === "open") ?? states.find((state) => state === "slow") ?? "closed";
  }

  /** The breaker that decides for a namespace. */
  for(namespace: string): Breaker {
    return this.#all.state === "open" ? this.#all : (this.#own.get(namespace) ?? this.#all);
  }

  /** The store answered in time, whatever it said and to whomever. */
  succeeded(): void {
    this.#own.clear();
    this.#all.succeeded();
  }

  /** A call of a namespace missed the store. */
  failed(namespace: string, where: Miss): void {
    this.#ownOf(namespace).failed();
    if (where === "connection" || this.#own.size > 1) this.#all.failed();
  }

  /** A call has waited too long and still does: nobody who has something to serve waits with it. */
  delayed(): void {
    for (const breaker of [this.#all, ...this.#own.values()]) breaker.delayed();
  }

  #ownOf(namespace: string): Breaker {
    const known = this.#own.get(namespace);
    if (known !== undefined) return known;
    const made = new Breaker(this.#clock, this.#random);
    if (this.#all.state === "slow") made.delayed();
    this.#own.set(namespace, made);
    return made;
  }
}
