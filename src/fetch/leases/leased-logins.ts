import type { Clock } from "../../async/clock.ts";
import type { Cache } from "../../cache/cache.ts";
import type { Metrics } from "../../metrics.ts";
import type { CallContext, Secret, Session } from "../../stores/store.ts";
import { type LeasedAt, LeasedLogin, type LeasedPod } from "./leased-login.ts";

/** The way to stores. */
export interface LoginParts {
  readonly clock: Clock;
  readonly cache: Pick<Cache<Secret>, "call">;
  readonly metrics: Metrics;
}

/** Longest that a renewal or revocation may take, in milliseconds. */
const callMs = 10_000;

/** The logins that answers hang on, each with the pods that have something of it. */
export class LeasedLogins {
  readonly #parts: LoginParts;
  readonly #logins = new Map<Session, LeasedLogin>();
  readonly #closing = new AbortController();

  constructor(parts: LoginParts) {
    this.#parts = parts;
  }

  /** True once nothing is called any more. */
  get isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  /** The login of a session. */
  of(session: Session, at: LeasedAt): LeasedLogin {
    const login = this.#logins.get(session) ?? new LeasedLogin(session, at);
    this.#logins.set(session, login);
    return login;
  }

  /** All pods that have something of a login. */
  get pods(): readonly LeasedPod[] {
    return [...new Map([...this.#logins.values()].flatMap(({ pods }) => [...pods])).values()];
  }

  /** Forgets those that nothing hangs on any more. */
  forgetEnded(now: number): void {
    for (const [session, { until }] of this.#logins) if (until <= now) this.#logins.delete(session);
  }

  /** Takes a pod out; gives the logins that no other pod has anything of. */
  leave(pod: string): readonly LeasedLogin[] {
    const left = [...this.#logins.values()].filter(({ pods }) => pods.delete(pod) && pods.size === 0);
    for (const { session } of left) this.#logins.delete(session);
    return left;
  }

  /** Calls a login's store, within the bounds of calls to its server. Throws what it throws. */
  async call<T>({ at: { about, servers } }: LeasedLogin, run: (context: CallContext) => Promise<T>): Promise<T> {
    const { cache, metrics } = this.#parts;
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(callMs)]);
    const count: CallContext["count"] = (operation) => metrics.tell("requestSent", { store: about.store, operation });
    return await cache.call({ about, servers }, { signal, run: (within) => run({ signal: within, count }) });
  }

  /** Returns when a login ends, by `Clock.now`; never for one without an end. */
  endOf({ session: { expiresAt } }: LeasedLogin): number {
    const { clock } = this.#parts;
    return expiresAt === undefined ? Number.POSITIVE_INFINITY : clock.now() + expiresAt - clock.wall();
  }

  /** Calls nothing any more. Nothing is revoked: pods go on with what they have. */
  close(): void {
    this.#closing.abort();
  }
}
