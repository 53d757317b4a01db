import type { Clock } from "../async/clock.ts";
import type { Ask } from "./ask.ts";
import type { About, Entry } from "./entries.ts";
import type { Loaded } from "./freshness.ts";
import type { Trial, Tried, Verdict } from "./trial.ts";

/**
 * The fate of a new value that was tried. `held`: refused, the older one stays, told at the first refusal. `released`: let in
 * after it had been refused. `overdue`: still refused, and released because it was held for as long as it may be. `untried`: the
 * target did not get to say, so it is released. `warned`: refused, but there is nothing older to serve.
 */
export type Fate = "held" | "released" | "overdue" | "untried" | "warned";

/** The outcome of a try and its consequence, for logs and counts. */
export interface Verified extends Tried {
  readonly about: About;
  /** Undefined where nothing has to be told: it was let in at once, or is held as before. */
  readonly fate: Fate | undefined;
}

/** An entry whose newer value is refused by its target is looked at again so soon, in milliseconds. */
const againAfter = 30_000;

interface VerificationParts<V> {
  readonly clock: Clock;
  readonly same: (a: V, b: V) => boolean;
  readonly entryOf: (ask: Ask<V>, key: string) => Entry<V> | undefined;
  readonly report: (verified: Verified) => void;
}

/** Decides whether a value that has just come takes the place of the one that is kept. */
export class Verification<V> {
  readonly #parts: VerificationParts<V>;

  constructor(parts: VerificationParts<V>) {
    this.#parts = parts;
  }

  /**
   * Tries a value that differs from the kept one. Gives the entry to keep instead while the target refuses the new value;
   * undefined where the new value is to be kept. `notBefore` ends it: whoever sets it wants the older one gone.
   */
  async instead(ask: Ask<V>, key: string, loaded: Loaded<V>, signal: AbortSignal): Promise<Entry<V> | undefined> {
    const { verify } = ask;
    if (verify === undefined || loaded.issued) return undefined;
    const before = this.#parts.entryOf(ask, key);
    if (before === undefined) {
      // A pod that starts has nothing else, so it does not wait for this.
      void verify.try(loaded.value, new AbortController().signal).then((tried) => this.#warn(ask, tried));
      return undefined;
    }
    if (this.#parts.same(before.value, loaded.value) || before.fetchedWall < (ask.bounds.notBefore ?? 0))
      return undefined;
    const tried = await verify.try(loaded.value, signal);
    // It may have been dropped meanwhile, and then nothing is older.
    const still = this.#parts.entryOf(ask, key);
    return still && this.#judge(ask, verify, still, tried);
  }

  #judge(ask: Ask<V>, { hold }: Trial<V>, before: Entry<V>, tried: Tried): Entry<V> | undefined {
    const now = this.#parts.clock.now();
    const since = before.pending?.since;
    const isHeld = tried.verdict === "refused" || (tried.verdict === "unreachable" && since !== undefined);
    const isOver = since !== undefined && now >= since + hold;
    if (!isHeld || isOver || hold === 0 || now >= (before.expiresAt ?? Number.POSITIVE_INFINITY)) {
      this.#parts.report({ ...tried, about: ask.about, fate: releaseOf(tried.verdict, since !== undefined) });
      return undefined;
    }
    this.#parts.report({ ...tried, about: ask.about, fate: since === undefined ? "held" : undefined });
    const freshUntil = now + Math.min(ask.bounds.refresh, againAfter);
    return { ...before, freshUntil, pending: { since: since ?? now } };
  }

  #warn({ about }: Ask<V>, tried: Tried): void {
    this.#parts.report({ ...tried, about, fate: tried.verdict === "refused" ? "warned" : undefined });
  }
}

function releaseOf(verdict: Verdict, wasHeld: boolean): Fate | undefined {
  if (verdict === "ok") return wasHeld ? "released" : undefined;
  return verdict === "refused" || wasHeld ? "overdue" : "untried";
}
