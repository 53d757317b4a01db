import type { Clock } from "../async/clock.ts";
import type { CallContext, Secret, Session } from "../stores/store.ts";

/** An older session may have lost its rights with its token. */
const youngMs = 5_000;

/** A session is renewed or replaced when this share of its life is left. */
const spareShare = 0.1;

/** A renewal that gives less than this share of the first life is worth nothing: the token nears its longest life. */
const leastRenewal = 0.5;

/** One login with its life and its users. Times of `Clock.now`, in milliseconds. */
export class HeldSession {
  readonly session: Session;
  /** The one pod that it is for; undefined where all pods of the identity share it. */
  readonly pod: string | undefined;
  readonly #clock: Clock;
  readonly #openedAt: number;
  readonly #firstLife: number;
  #replaceAt: number;
  #users = 0;
  #retired = false;
  #ended = false;

  constructor(session: Session, pod: string, clock: Clock) {
    this.session = session;
    this.pod = session.scope === "pod" ? pod : undefined;
    this.#clock = clock;
    this.#openedAt = clock.now();
    this.#firstLife = this.#lifeLeft();
    this.#replaceAt = this.#openedAt + this.#firstLife * (1 - spareShare);
  }

  /** True while what it is denied needs no other login's word: one that is near its end may be over at the store. */
  get isYoung(): boolean {
    const now = this.#clock.now();
    return now - this.#openedAt < youngMs && now < this.#replaceAt;
  }

  /** True until it is time to renew or replace it. */
  get isFresh(): boolean {
    return this.#clock.now() < this.#replaceAt && !this.isSpent;
  }

  /** True once it has made as many requests as its login is good for. */
  get isSpent(): boolean {
    return this.session.spent === true;
  }

  /** True once its login may have been ended. */
  get hasEnded(): boolean {
    return this.#ended;
  }

  /** Makes the login last longer where something hangs on it. False where it is to be replaced. */
  async renew(context: CallContext): Promise<boolean> {
    if (this.isSpent) return false;
    // What refuses a renewal, or cannot be reached for it, has its say at the login that comes next.
    const renewed = await this.session.renew?.(context).catch(() => false);
    const life = this.#lifeLeft();
    if (renewed !== true || life < this.#firstLife * leastRenewal) return false;
    this.#replaceAt = this.#clock.now() + life * (1 - spareShare);
    return true;
  }

  /** Reads by the session, which is not ended meanwhile. Throws the store's `ProviderError`. */
  async read(ref: unknown, context: CallContext): Promise<Secret> {
    this.#users += 1;
    try {
      return await this.session.read(ref, context);
    } finally {
      this.#users -= 1;
    }
  }

  /** Takes it out of use. */
  retire(): void {
    this.#retired = true;
  }

  /** True once, when it is out of use and its last user has gone. */
  endsNow(): boolean {
    if (!this.#retired || this.#users > 0 || this.#ended) return false;
    this.#ended = true;
    return true;
  }

  #lifeLeft(): number {
    const { expiresAt } = this.session;
    return expiresAt === undefined ? Number.POSITIVE_INFINITY : expiresAt - this.#clock.wall();
  }
}
