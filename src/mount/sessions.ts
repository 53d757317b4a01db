import { LRUCache } from "lru-cache";
import type { Clock } from "../cache/clock.ts";
import { Flights } from "../cache/flights.ts";
import { ProviderError } from "../errors.ts";
import type { CallContext, Outcome, Secret, Session } from "../stores/store.ts";

/** How to get a session of one identity and one settings. */
export interface LoginWay {
  /** Equal for equal identity, settings and look-ups. */
  readonly key: string;
  open(context: CallContext): Promise<Session>;
}

/** A session with its life. Times of `Clock.now`, in milliseconds. */
interface Held {
  readonly session: Session;
  readonly openedAt: number;
  readonly replaceAt: number;
  users: number;
  retired: boolean;
  ended: boolean;
}

/** A denial is believed to a session younger than this; an older one may have lost its rights with its token. */
const youngMs = 30_000;

/** Unused for so long, a session is ended. */
const idleMs = 600_000;

/** For the ends of all sessions together, in milliseconds. */
const longestClose = 2_000;

/** A session is replaced when this share of its life is left. */
const spareShare = 0.1;

/** Logged-in stores, shared by all mounts of one identity: one login for a storm, replaced before it ends. */
export class Sessions {
  readonly #clock: Clock;
  readonly #flights = new Flights<Held>();
  readonly #closing = new Set<Promise<void>>();
  readonly #held: LRUCache<string, Held>;
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#held = new LRUCache({
      max: 1_000,
      ttl: idleMs,
      // Otherwise it keeps the time by timers of its own.
      ttlResolution: 0,
      updateAgeOnGet: true,
      perf: { now: () => Math.max(1, clock.now()) },
      dispose: (held) => this.#retire(held),
    });
  }

  /**
   * Reads one secret as the identity. A denial counts after one fresh login: an old session may be the reason. Throws the
   * store's `ProviderError`. Gives the secret and when the session that read it ends.
   */
  async read(
    way: LoginWay,
    ref: unknown,
    context: CallContext,
  ): Promise<{ readonly secret: Secret; readonly sessionEnd?: number }> {
    const first = await this.#readOnce(way, ref, context);
    if (first.outcome.ok) return { secret: first.outcome.secret, ...endOf(first.held) };
    const old = this.#clock.now() - first.held.openedAt >= youngMs;
    if (first.outcome.error.reason !== "denied" || !old) throw first.outcome.error;
    if (this.#held.peek(way.key) === first.held) this.#held.delete(way.key);
    const second = await this.#readOnce(way, ref, context);
    if (second.outcome.ok) return { secret: second.outcome.secret, ...endOf(second.held) };
    throw second.outcome.error;
  }

  /** Ends every session and waits for it, but not long: a store that hangs must not hold the process back. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#held.clear();
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const cancel = this.#clock.after(longestClose, resolve);
    await Promise.race([Promise.all(this.#closing), late]);
    cancel();
  }

  async #readOnce(
    way: LoginWay,
    ref: unknown,
    context: CallContext,
  ): Promise<{ readonly held: Held; readonly outcome: Outcome }> {
    const held = await this.#hold(way, context);
    // Somebody else may have ended it since it was found.
    if (held.ended) return await this.#readOnce(way, ref, context);
    held.users += 1;
    try {
      const [outcome = noOutcome()] = await held.session.fetch([ref], context);
      return { held, outcome };
    } finally {
      held.users -= 1;
      if (held.retired && held.users === 0) this.#end(held);
    }
  }

  async #hold(way: LoginWay, context: CallContext): Promise<Held> {
    this.#held.purgeStale();
    const held = this.#held.get(way.key);
    if (held !== undefined && this.#clock.now() < held.replaceAt) return held;
    return await this.#flights.join(way.key, async () => {
      const opened = this.#wrap(await way.open(context));
      // What is opened after the end is for those who wait for it only.
      if (this.#closed) opened.retired = true;
      else this.#held.set(way.key, opened);
      return opened;
    });
  }

  #wrap(session: Session): Held {
    const now = this.#clock.now();
    const life = session.expiresAt === undefined ? Number.POSITIVE_INFINITY : session.expiresAt - this.#clock.wall();
    const replaceAt = now + life * (1 - spareShare);
    return { session, openedAt: now, replaceAt, users: 0, retired: false, ended: false };
  }

  #retire(held: Held): void {
    held.retired = true;
    if (held.users === 0) this.#end(held);
  }

  #end(held: Held): void {
    held.ended = true;
    const closing = held.session.close();
    this.#closing.add(closing);
    void closing.finally(() => this.#closing.delete(closing));
  }
}

function endOf({ session }: Held): { readonly sessionEnd?: number } {
  return session.expiresAt === undefined ? {} : { sessionEnd: session.expiresAt };
}

function noOutcome(): Outcome {
  return { ok: false, error: new ProviderError("LK0001", "the store gave no outcome") };
}
