import type { Clock } from "../async/clock.ts";
import { untilAborted } from "../async/until-aborted.ts";
import { ProviderError, tellsOfStore, toProviderError } from "../errors.ts";
import { Backoff } from "./backoff.ts";
import type { Breaker, BreakerState } from "./breaker.ts";
import { Breakers, type Miss } from "./breakers.ts";
import type { BudgetLimits } from "./call-budget.ts";
import { notAsked, type Outage } from "./outage.ts";
import type { Patience } from "./pause.ts";
import { Retries, type Tries } from "./retries.ts";
import type { CallRoom } from "./server-budgets.ts";

/** The settings that all gates share. */
export interface GateOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly budget: BudgetLimits;
  /** A call that takes longer makes the store count as slow, in milliseconds. */
  readonly slowAfter: number;
}

/** The settings of one gate. */
interface OwnGateOptions extends Omit<GateOptions, "budget"> {
  /** Where the endpoint is, for people: `https://vault:8200`. */
  readonly place: string;
  /** The room at its servers, which other endpoints may share. */
  readonly room: CallRoom;
}

/** One call to a store. */
export interface GatedCall<T> extends Patience {
  readonly namespace: string;
  /** Who calls, as the store sees it: it is throttled by this. */
  readonly login: string;
  /** Nothing can be served without this call. */
  readonly urgent: boolean;
  /** Only what may be sent twice is sent twice. */
  readonly repeatable: boolean;
  /** Another source can be asked instead: what may pass is not waited for. */
  readonly hasNext: boolean;
  readonly run: (signal: AbortSignal) => Promise<T>;
}

/** How long one attempt may take, in milliseconds: one that nobody waits for makes room sooner. */
const longestAttempt = { urgent: 15_000, other: 3_000 };

/**
 * The way to one endpoint: a breaker, a bound on the calls under way at its servers, the wishes of a store that throttles, and few
 * retries. All calls to that endpoint go through it.
 */
export class Gate {
  readonly #options: OwnGateOptions;
  readonly #breakers: Breakers;
  readonly #backoff: Backoff;
  readonly #retries: Retries;
  /** The one under way for each breaker that is not closed. */
  readonly #probes = new Map<Breaker, Promise<unknown>>();
  /** Since the store was last reached. */
  #outage: Outage | undefined;

  constructor(options: OwnGateOptions) {
    this.#options = options;
    this.#breakers = new Breakers(options.clock, options.random);
    this.#backoff = new Backoff(options.clock);
    this.#retries = new Retries(options);
  }

  /** How the endpoint is for whoever is worst off, for the operator. */
  get state(): BreakerState {
    return this.#breakers.worst;
  }

  /** Whether somebody of a namespace who has something to serve should wait for an answer. */
  stateFor(namespace: string): BreakerState {
    return this.#breakers.for(namespace).state;
  }

  /**
   * Sends the call when it may go, and again where that may help. Throws what it throws, the last cause while the breaker
   * is open, `LK0031` while throttled.
   */
  async send<T>(call: GatedCall<T>): Promise<T> {
    const tries: Tries = { sent: 0, paid: 0 };
    for (;;) {
      try {
        return await this.#sendOnce(call, tries);
      } catch (thrown) {
        const error = toProviderError(thrown);
        if (!(await this.#goesAgain(call, error, tries))) throw error;
      }
    }
  }

  /** Waits until the call may be made again; false where it may not. */
  async #goesAgain<T>(call: GatedCall<T>, error: ProviderError, tries: Tries): Promise<boolean> {
    const state = this.stateFor(call.namespace);
    if (state === "open" || (state === "slow" && error.reason === "outage")) return false;
    const pause = this.#backoff.left(call.login);
    return await this.#retries.goesAgain({ ...call, error, pause, patient: call.urgent && !call.hasNext }, tries);
  }

  async #sendOnce<T>(call: GatedCall<T>, tries: Tries): Promise<T> {
    const pause = this.#backoff.left(call.login);
    if (pause > 0) throw throttled(pause);
    const breaker = this.#breakers.for(call.namespace);
    if (!breaker.admits(call.urgent)) await this.#awaitProbe(call, breaker);
    // A probe waits for nobody: all places may be held by calls that hang.
    else if (breaker.state === "open" || (breaker.state === "slow" && !call.urgent)) {
      return await this.#runProbe(call, breaker, tries);
    }
    return await this.#options.room.run(call, async () => {
      if (this.stateFor(call.namespace) === "open") throw this.#notAsked(call.namespace);
      return await this.#attempt(call, tries);
    });
  }

  async #runProbe<T>(call: GatedCall<T>, breaker: Breaker, tries: Tries): Promise<T> {
    const probe = this.#attempt(call, tries);
    this.#probes.set(breaker, probe);
    try {
      return await probe;
    } finally {
      if (this.#probes.get(breaker) === probe) this.#probes.delete(breaker);
    }
  }

  /** The reads of a new pod come together, and the store that answers the first of them answers them all. */
  async #awaitProbe({ urgent, signal, namespace }: GatedCall<unknown>, breaker: Breaker): Promise<void> {
    const { clock, slowAfter } = this.#options;
    const probe = this.#probes.get(breaker);
    if (!urgent || probe === undefined) throw this.#notAsked(namespace);
    signal.throwIfAborted();
    const waited = Promise.withResolvers<void>();
    const cancel = clock.after(slowAfter, waited.resolve);
    const left = () => waited.reject(signal.reason);
    signal.addEventListener("abort", left, { once: true });
    probe.then(
      () => waited.resolve(),
      () => waited.resolve(),
    );
    await waited.promise.finally(() => {
      cancel();
      signal.removeEventListener("abort", left);
    });
    if (this.stateFor(namespace) === "open") throw this.#notAsked(namespace);
  }

  async #attempt<T>(call: GatedCall<T>, tries: Tries): Promise<T> {
    const { clock, slowAfter } = this.#options;
    const limit = new AbortController();
    const stop = () => limit.abort(call.signal.reason);
    if (call.signal.aborted) stop();
    call.signal.addEventListener("abort", stop, { once: true });
    const most = call.urgent ? longestAttempt.urgent : longestAttempt.other;
    const timers = [
      clock.after(slowAfter, () => this.#breakers.delayed()),
      clock.after(most, () => limit.abort(tooLong(most))),
    ];
    this.#retries.called();
    tries.sent += 1;
    try {
      const result = await untilAborted(call.run(limit.signal), limit.signal);
      this.#reached();
      this.#backoff.succeeded(call.login);
      return result;
    } catch (thrown) {
      throw this.#judge(call, toProviderError(thrown));
    } finally {
      for (const cancel of timers) cancel();
      call.signal.removeEventListener("abort", stop);
    }
  }

  #reached(): void {
    this.#breakers.succeeded();
    this.#outage = undefined;
  }

  #missed(error: ProviderError, namespace: string): void {
    this.#breakers.failed(namespace, missOf(error));
    this.#outage = { error, since: this.#outage?.since ?? this.#options.clock.now() };
  }

  #notAsked(namespace: string): ProviderError {
    const { clock, place } = this.#options;
    const { wait } = this.#breakers.for(namespace);
    return notAsked({ place, outage: this.#outage, now: clock.now(), wait });
  }

  #judge<T>(call: GatedCall<T>, error: ProviderError): ProviderError {
    if (!tellsOfStore(error)) return error;
    if (error.reason === "outage" && error.details.reached !== true) this.#missed(error, call.namespace);
    else this.#reached();
    if (error.reason === "throttled") this.#backoff.throttled(call.login, error.details.retryAfterMs);
    return error;
  }
}

/** An HTTP status, no answer in time or a connection cut: a request can be made for which a healthy server does each. */
const ofAnswers = /^(?:[1-5][0-9]{2}|TIMEOUT|ECONNRESET|EPIPE|ERR_STREAM_PREMATURE_CLOSE)$/;

function missOf({ details: { storeCode = "" } }: ProviderError): Miss {
  return ofAnswers.test(storeCode) ? "answer" : "connection";
}

function throttled(pause: number): ProviderError {
  return new ProviderError("LK0031", `the store asked to wait for another ${Math.ceil(pause / 1000)} s`, {
    retryAfterMs: pause,
    fix: "raise the store's limits, or call it less often with a longer --refresh",
  });
}

function tooLong(ms: number): ProviderError {
  return new ProviderError("LK0030", `the store did not answer within ${ms} ms`, {
    storeCode: "TIMEOUT",
    fix: "find out why the store is slow, or what slows the way from this node to it",
  });
}
