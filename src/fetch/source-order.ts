import type { Clock } from "../async/clock.ts";
import type { Served } from "../cache/ask.ts";
import { couldNotAsk, ProviderError, reportIt, toProviderError } from "../errors.ts";
import type { NextSources, Source } from "../plan/plan.ts";
import type { Secret } from "../stores/store.ts";

/** A secret, and how it was answered. */
export interface Answered extends Served<Secret> {
  /** Which of the next sources it was; absent for the first. */
  readonly from?: Source;
}

/** A secret and how it was answered, or why it could not be had. */
export type Answer = Answered | ProviderError;

/** One source of a secret, as one mount asks it. What it throws says which source it is. */
export interface SourceAsk {
  /** Which of the next sources it is; absent for the first. Its answers say so. */
  readonly from?: Source;
  /** Returns a fresh answer, or a stale one if the store cannot be asked. */
  get(): Promise<Served<Secret>>;
  /** Nothing stale. */
  fresh(): Promise<Served<Secret>>;
  /** Returns what can be served without asking; `undefined` if nothing is within bounds. */
  kept(): Served<Secret> | undefined;
}

/** All sources of a secret, the first one first. */
export type SourceAsks = readonly [SourceAsk, ...SourceAsk[]];

/** When to go on from one source to the next. */
export interface OrderRules extends Omit<NextSources, "sources"> {
  readonly clock: Clock;
  /** The mount's: once it has ended, nobody else is asked. */
  readonly signal: AbortSignal;
}

/** Answers a secret that has several sources. Throws one error that tells all causes; id and subject are the first's. */
export async function askInOrder(asks: SourceAsks, rules: OrderRules): Promise<Answered> {
  return rules.stale === "beforeNext" ? await staleBeforeNext(asks, rules) : await new FreshOrder(asks, rules).run();
}

/** The next source is asked only where the one before has nothing to serve, not even stale. */
async function staleBeforeNext(asks: SourceAsks, { tryNext, signal }: OrderRules): Promise<Answered> {
  const errors: ProviderError[] = [];
  for (const ask of asks) {
    try {
      return saidBy(await ask.get(), ask);
    } catch (thrown) {
      const error = toProviderError(thrown);
      errors.push(error);
      if (signal.aborted || !tryNext(error)) break;
    }
  }
  throw errorOfAll(errors);
}

/**
 * Each source is asked for what is fresh, the next one when the one before has failed or is late; what answers first is
 * served. What is stale is served when all have failed, or when the last one is late too.
 */
class FreshOrder {
  readonly #asks: SourceAsks;
  readonly #rules: OrderRules;
  readonly #errors = new Map<SourceAsk, ProviderError>();
  readonly #answer = Promise.withResolvers<Answered>();
  readonly #timers: (() => void)[] = [];
  #started = 0;

  constructor(asks: SourceAsks, rules: OrderRules) {
    this.#asks = asks;
    this.#rules = rules;
  }

  async run(): Promise<Answered> {
    this.#start(0);
    try {
      return await this.#answer.promise;
    } finally {
      for (const cancel of this.#timers) cancel();
    }
  }

  /** Asks a source that was not asked yet. After the last one, the turn is at what is stale. */
  #start(index: number): void {
    const ask = this.#asks[index];
    if (ask === undefined) this.#serveStale(this.#asks);
    if (ask === undefined || index < this.#started) return;
    this.#started = index + 1;
    const { clock, hedgeMs } = this.#rules;
    if (hedgeMs !== undefined) this.#timers.push(clock.after(hedgeMs, () => this.#start(index + 1)));
    const answer = (served: Served<Secret>) => this.#answer.resolve(saidBy(served, ask));
    ask.fresh().then(answer, (thrown) => this.#failed(ask, index, toProviderError(thrown)));
  }

  #failed(ask: SourceAsk, index: number, error: ProviderError): void {
    this.#errors.set(ask, error);
    const final = this.#rules.signal.aborted || (index === 0 && !this.#rules.tryNext(error));
    if (!final && this.#errors.size < this.#asks.length) {
      this.#start(index + 1);
      return;
    }
    if (!this.#rules.signal.aborted) this.#serveStale(final ? [ask] : this.#asks);
    this.#answer.reject(errorOfAll(final ? [error] : this.#inOrder()));
  }

  /** A source that has said anything but that it cannot be asked has spoken against what is kept of it. */
  #serveStale(asks: readonly SourceAsk[]): void {
    for (const ask of asks) {
      const error = this.#errors.get(ask);
      const kept = error === undefined || couldNotAsk(error) ? ask.kept() : undefined;
      // The first one counts: a promise is resolved once.
      if (kept !== undefined) this.#answer.resolve(saidBy(kept, ask));
    }
  }

  #inOrder(): readonly ProviderError[] {
    return this.#asks.flatMap((ask) => this.#errors.get(ask) ?? []);
  }
}

function saidBy(served: Served<Secret>, { from }: SourceAsk): Answered {
  return from === undefined ? served : { ...served, from };
}

/** The first one, with the others told behind it. */
function errorOfAll(errors: readonly ProviderError[]): ProviderError {
  const [first, ...rest] = errors;
  if (first === undefined) return new ProviderError("LK0001", "no source was asked", { fix: reportIt });
  if (rest.length === 0) return first;
  const { fix, ...details } = first.details;
  const said = fix === undefined ? first.message : `${first.message}. Fix: ${fix}`;
  const message = [said, ...rest.map((error) => error.describe())].join(". Next source: ");
  return new ProviderError(first.id, message, details);
}
