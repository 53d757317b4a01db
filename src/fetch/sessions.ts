import { LRUCache } from "lru-cache";
import type { Clock } from "../async/clock.ts";
import { Flights } from "../async/flights.ts";
import type { Loaded } from "../cache/freshness.ts";
import { keyOf, keyOfPod } from "../cache/keys.ts";
import { Ledger, type LedgerPart } from "../cache/ledger.ts";
import { toProviderError } from "../errors.ts";
import { Metrics } from "../metrics.ts";
import type { CallContext, Secret, Session } from "../stores/store.ts";
import { HeldSession } from "./held-session.ts";
import { countRequests, measureCall } from "./store-calls.ts";

/** How to get a session of one identity and one settings. */
export interface LoginWay {
  /** Equal for equal identity, settings and look-ups. */
  readonly key: string;
  readonly store: string;
  /** Whose it is. */
  readonly namespace: string;
  /** Who gets a session that is for one pod alone. */
  readonly pod: string;
  open(context: CallContext): Promise<Session>;
  /** The login is for what is issued to this pod, so that ending it ends nobody else's. */
  readonly alone?: boolean;
  /** Takes up what a session has issued. Gives the time until which it is served, by `Clock.now`. */
  readonly issued?: ((session: Session, secret: Secret) => number | undefined) | undefined;
}

/** One read by a session. */
interface ReadCall {
  readonly way: LoginWay;
  readonly ref: unknown;
  readonly context: CallContext;
}

/** The memory that a login takes with its token and what belongs to it, in bytes, roughly; and most of them, whoever has them. */
const bytesOfLogin = 16_384;
const mostLogins = 10_000;

/** Unused for so long, a session is ended. */
const idleMs = 600_000;

/** So long a denial that a fresh login has confirmed needs no other login: a role's own rights change only with one. */
const believedMs = 300_000;

/** For the ends of all sessions together, in milliseconds. */
const longestClose = 2_000;

/** Logged-in stores, shared by all mounts of one identity: one login for a storm, renewed or replaced before it ends. */
export class Sessions {
  readonly #clock: Clock;
  readonly #metrics: Metrics;
  readonly #flights = new Flights<HeldSession>();
  readonly #closing = new Set<Promise<void>>();
  readonly #held: LRUCache<string, HeldSession>;
  /** Logins that turned out to be for one pod alone. */
  readonly #podLogins = new LRUCache<string, true>({ max: 1_000 });
  /** When a login that was made for it confirmed the denial of a ref. */
  readonly #denials = new LRUCache<string, number>({ max: 5_000 });
  readonly #account: LedgerPart;
  #closed = false;

  /** The ledger says how many logins are held. */
  constructor(clock: Clock, metrics: Metrics = new Metrics(), ledger = new Ledger()) {
    this.#clock = clock;
    this.#metrics = metrics;
    this.#account = ledger.part((key) => this.#held.delete(key));
    this.#held = new LRUCache({
      max: mostLogins,
      ttl: idleMs,
      // Otherwise it keeps the time by timers of its own.
      ttlResolution: 0,
      updateAgeOnGet: true,
      perf: { now: () => Math.max(1, clock.now()) },
      dispose: (held, key, reason) => {
        if (reason !== "set") this.#account.release(key);
        held.retire();
        this.#endUnused(held);
      },
    });
  }

  /**
   * Reads one secret as the identity. A denial by a session that is not young counts after one fresh login, for the session
   * may be the reason; what that login has confirmed is believed for a while. Throws the store's `ProviderError`.
   */
  async read(way: LoginWay, ref: unknown, uncounted: CallContext): Promise<Loaded<Secret>> {
    const context = countRequests(this.#metrics, way.store, uncounted);
    const call: ReadCall = { way, ref, context };
    const denial = keyOf(way.key, ref);
    const first = await this.#start(call);
    try {
      const secret = await first.reading;
      if (this.#denials.size > 0) this.#denials.delete(denial);
      return this.#loadedBy(first.held, way, secret);
    } catch (thrown) {
      if (!isDenied(thrown) || first.held.isYoung || this.#isConfirmed(denial)) throw thrown;
    }
    const key = this.#keyOf(way);
    if (this.#held.peek(key) === first.held) this.#held.delete(key);
    const second = await this.#start(call);
    try {
      return this.#loadedBy(second.held, way, await second.reading);
    } catch (thrown) {
      if (isDenied(thrown)) this.#denials.set(denial, this.#clock.now());
      throw thrown;
    }
  }

  /** How many logins are held. */
  get size(): number {
    return this.#held.size;
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

  /** Whether a fresh login was denied the same of late. */
  #isConfirmed(denial: string): boolean {
    return this.#clock.now() - (this.#denials.get(denial) ?? Number.NEGATIVE_INFINITY) < believedMs;
  }

  /** Starts to read. Somebody else may have ended a session since it was found, or used it up: then another one reads. */
  async #start(call: ReadCall): Promise<{ readonly held: HeldSession; readonly reading: Promise<Secret> }> {
    const held = await this.#hold(call.way, call.context);
    return held.hasEnded || held.isSpent ? await this.#start(call) : { held, reading: this.#readBy(held, call) };
  }

  async #readBy(held: HeldSession, { way, ref, context }: ReadCall): Promise<Secret> {
    const call = { store: way.store, operation: "read" } as const;
    try {
      return await measureCall(this.#metrics, call, () => held.read(ref, context));
    } finally {
      this.#endUnused(held);
    }
  }

  async #hold(way: LoginWay, context: CallContext): Promise<HeldSession> {
    this.#held.purgeStale();
    const key = this.#keyOf(way);
    const known = this.#held.get(key);
    this.#account.use(key);
    if (known?.isFresh) return known;
    const held = await this.#flights.join(key, async () =>
      known !== undefined && (await known.renew(context)) ? known : await this.#open(way, context),
    );
    // Another pod's, as has just turned out: by now the login is known as one of each pod.
    return held.pod === undefined || held.pod === way.pod ? held : await this.#hold(way, context);
  }

  async #open(way: LoginWay, context: CallContext): Promise<HeldSession> {
    const call = { store: way.store, operation: "login" } as const;
    const session = await measureCall(this.#metrics, call, () => way.open(context));
    const opened = new HeldSession(session, way.pod, this.#clock);
    if (opened.pod !== undefined) this.#podLogins.set(way.key, true);
    // What is opened after the end is for those who wait for it only.
    if (this.#closed) opened.retire();
    else this.#keep(way, opened);
    return opened;
  }

  #keep(way: LoginWay, held: HeldSession): void {
    const key = this.#keyOf(way);
    this.#held.set(key, held);
    this.#account.hold(way.namespace, key, bytesOfLogin);
  }

  #keyOf({ key, pod }: LoginWay): string {
    return this.#podLogins.has(key) ? keyOfPod(key, pod) : key;
  }

  /** A login that leases hang on is its pods' own from now on: no other reads by it. */
  #loadedBy(held: HeldSession, way: LoginWay, secret: Secret): Loaded<Secret> {
    if (secret.issued !== true) return loadedBy(held, secret);
    const key = this.#keyOf(way);
    if (secret.lease !== undefined && way.alone !== true && this.#held.peek(key) === held) this.#held.delete(key);
    return { ...loadedBy(held, secret), freshUntil: way.issued?.(held.session, secret) };
  }

  #endUnused(held: HeldSession): void {
    if (!held.endsNow()) return;
    const closing = held.session.close();
    this.#closing.add(closing);
    void closing.finally(() => this.#closing.delete(closing));
  }
}

function isDenied(thrown: unknown): boolean {
  return toProviderError(thrown).reason === "denied";
}

/** Bookkeeping of an entry beside its bytes, roughly. */
const overhead = 1_024;

/** The secret, and how long it counts: an issued one (a lease) ends with the session that it hangs on, or earlier. */
function loadedBy({ session, pod }: HeldSession, secret: Secret): Loaded<Secret> {
  const issued = secret.issued === true;
  const ends = [secret.expiresAt, issued ? session.expiresAt : undefined].filter((end) => end !== undefined);
  return {
    value: secret,
    bytes: secret.value.reveal().length + (secret.envelope?.reveal().length ?? 0) + overhead,
    immutable: secret.immutable === true,
    issued,
    forPod: pod !== undefined,
    expiresAt: ends.length === 0 ? undefined : Math.min(...ends),
  };
}
