import type { Clock } from "../../async/clock.ts";
import type { Cache } from "../../cache/cache.ts";
import { toProviderError } from "../../errors.ts";
import type { Metrics } from "../../metrics.ts";
import type { Secret, Session } from "../../stores/store.ts";
import type { HeldLease, Issued, LeaseEvent } from "./held-lease.ts";
import { freshUntil, isLast, isLimited, renewAt, replacementWindow, retryAt } from "./lease-times.ts";
import type { LeasedAt, LeasedLogin } from "./leased-login.ts";
import { LeasedLogins } from "./leased-logins.ts";
import type { LivingPods } from "./living-pods.ts";
import { LongestLives } from "./longest-lives.ts";
import type { PodIsThere } from "./pod-directory.ts";
import { Slots } from "./slots.ts";

/** Everything that leases need. */
export interface LeaseParts {
  readonly clock: Clock;
  readonly random: () => number;
  readonly cache: Pick<Cache<Secret>, "prolong" | "forget" | "call">;
  readonly metrics: Metrics;
  readonly living: LivingPods;
  readonly podIsThere: PodIsThere;
  /** Told of all that becomes of leases. */
  readonly report: (event: LeaseEvent, held: HeldLease, error?: unknown) => void;
  /** Called when something was issued, renewed or ended: whoever keeps leases over a restart writes them anew. */
  readonly changed: () => void;
}

/** How often pods are looked for, in milliseconds. */
const lookEvery = 5_000;

/** Keeps up what stores issued to pods while the pods live: renewals by the clock, another answer in time, and an end with the pod. */
export class Leases {
  readonly #parts: LeaseParts;
  readonly #held = new Map<string, { readonly held: HeldLease; readonly cancel: () => void }>();
  readonly #logins: LeasedLogins;
  readonly #longest = new LongestLives();
  readonly #slots = new Slots();
  #cancelLook: () => void = () => undefined;

  constructor(parts: LeaseParts) {
    this.#parts = parts;
    this.#logins = new LeasedLogins(parts);
    this.#lookLater();
  }

  /** How many are held. */
  get size(): number {
    return this.#held.size;
  }

  /** Everything that is held. */
  list(): readonly HeldLease[] {
    return [...this.#held.values()].map(({ held }) => held);
  }

  /** Notes that a volume of a pod was mounted. */
  mounted(pod: string): void {
    this.#parts.living.mounted(pod, this.#parts.clock.now());
  }

  /**
   * Keeps up an answer from now on. Gives the time until which it is served, by `Clock.now`; undefined for one without an
   * end, which needs nothing.
   */
  hold({ key, sharedKey, pod, at, secret, session, spread }: Issued): number | undefined {
    const { clock, report } = this.#parts;
    const now = clock.now();
    const login = this.#logins.of(session, at);
    const endsAt = Math.min(timeOf(secret.expiresAt, clock), this.#logins.endOf(login));
    login.add(pod);
    if (endsAt === Number.POSITIVE_INFINITY) return undefined;
    const before = this.#held.get(key)?.held;
    if (before !== undefined) report("replaced", before);
    this.#slots.free(key);
    const lease = session.renewLease !== undefined && secret.lease?.renewable === true ? secret.lease : undefined;
    const mostEndsAt = lease === undefined ? endsAt : this.#longest.endOf(sharedKey, now);
    const span = { issuedAt: now, endsAt, life: endsAt - now, mostEndsAt };
    return this.#keepUp({ key, sharedKey, pod, spread, span, lease, login, name: at.about.name });
  }

  /** Takes up what an earlier process held. */
  restore(held: Omit<HeldLease, "login">, session: Session, at: LeasedAt): void {
    const { clock, living } = this.#parts;
    const login = this.#logins.of(session, at);
    login.add(held.pod);
    living.expect(held.pod.uid, clock.now());
    this.#keepUp({ ...held, login });
  }

  /** Ends everything of a pod that is gone: logins that no other pod has anything of are revoked, with what hangs on them. */
  async end(uid: string): Promise<void> {
    const { cache, living, changed } = this.#parts;
    living.forget(uid);
    const mine = this.list().filter(({ pod }) => pod.uid === uid);
    for (const { key } of mine) this.#letGo(key);
    await Promise.all(mine.map(({ key, login }) => cache.forget(key, login.namespace)));
    const ofLogin = (login: LeasedLogin) => mine.filter((held) => held.login === login);
    await Promise.all(this.#logins.leave(uid).map((login) => this.#revoke(login, ofLogin(login))));
    changed();
  }

  /** Stops renewing. Nothing is revoked: pods go on with what they have. */
  close(): void {
    this.#logins.close();
    this.#cancelLook();
    for (const { cancel } of this.#held.values()) cancel();
  }

  /** Gives the time until which it is served. */
  #keepUp(held: HeldLease): number {
    const { clock, random, changed } = this.#parts;
    const { login, lease, span } = held;
    login.until = Math.max(login.until, span.endsAt);
    this.#set(held, lease === undefined ? span.endsAt : renewAt(span, clock.now(), random()));
    changed();
    return this.#freshUntil(held);
  }

  /** At `at` it is renewed, or has come to its end. */
  #set(held: HeldLease, at: number): void {
    const { clock } = this.#parts;
    this.#held.get(held.key)?.cancel();
    const cancel = clock.after(Math.max(0, at - clock.now()), () => void this.#renew(held.key));
    this.#held.set(held.key, { held, cancel });
  }

  /** From when the next mount asks for another answer: at a time of its own, once it is known that no renewal helps. */
  #freshUntil({ key, span, spread }: HeldLease): number {
    if (!isLimited(span)) return freshUntil(span);
    return this.#slots.take(key, replacementWindow(span, this.#parts.clock.now(), spread));
  }

  async #tellCache(held: HeldLease): Promise<void> {
    const life = { freshUntil: this.#freshUntil(held), expiresAt: held.span.endsAt };
    if (!(await this.#parts.cache.prolong(held.key, held.login.namespace, life))) this.#letGo(held.key);
  }

  async #renew(key: string): Promise<void> {
    const held = this.#held.get(key)?.held;
    if (held === undefined) return;
    const { clock, report, changed } = this.#parts;
    if (clock.now() >= held.span.endsAt) {
      this.#letGo(key);
      report("lost", held);
      changed();
      return;
    }
    try {
      await this.#renewed(held, await this.#ask(held));
    } catch (thrown) {
      await this.#notRenewed(held, thrown);
    }
  }

  /** Renews the login where it would end before the lease, and the lease. Gives the end of what ends first, by `Clock.now`. */
  async #ask({ login, lease, span }: HeldLease): Promise<number> {
    const { clock } = this.#parts;
    return await this.#logins.call(login, async (context) => {
      // A login that cannot be renewed has its end, which is then that of its leases.
      if (this.#logins.endOf(login) < clock.now() + span.life) await login.renew(context).catch(() => false);
      const renewed = lease === undefined ? undefined : await login.session.renewLease?.(lease, context);
      return Math.min(timeOf(renewed?.expiresAt, clock), this.#logins.endOf(login));
    });
  }

  async #renewed(held: HeldLease, endsAt: number): Promise<void> {
    if (this.#held.get(held.key)?.held !== held) return;
    const { clock, random, report, changed } = this.#parts;
    const { span, sharedKey, login } = held;
    const now = clock.now();
    const isFinal = isLast(span, endsAt, now);
    if (isFinal) this.#longest.learn(sharedKey, endsAt - span.issuedAt);
    const mostEndsAt = isFinal ? endsAt : this.#longest.endOf(sharedKey, span.issuedAt);
    const renewed: HeldLease = {
      ...held,
      lease: isFinal ? undefined : held.lease,
      span: { ...span, endsAt, mostEndsAt },
    };
    login.until = Math.max(login.until, endsAt);
    this.#set(renewed, isFinal ? endsAt : renewAt(renewed.span, now, random()));
    report("renewed", renewed);
    changed();
    await this.#tellCache(renewed);
  }

  /** Tries again if the store cannot be asked now. Serves what it refuses to renew to its end, and what it does not know to nobody. */
  async #notRenewed(held: HeldLease, thrown: unknown): Promise<void> {
    if (this.#held.get(held.key)?.held !== held || this.#logins.isClosed) return;
    const { clock, cache, random, report, changed } = this.#parts;
    const { reason } = toProviderError(thrown);
    if (reason === "absent") {
      this.#letGo(held.key);
      report("lost", held, thrown);
      await cache.forget(held.key, held.login.namespace);
    } else if (reason === "denied" || reason === "invalid") {
      const refused = { ...held, lease: undefined, span: { ...held.span, mostEndsAt: held.span.endsAt } };
      this.#set(refused, held.span.endsAt);
      report("refused", refused, thrown);
      await this.#tellCache(refused);
    } else {
      this.#set(held, Math.min(held.span.endsAt, retryAt(held.span, clock.now(), random())));
    }
    changed();
  }

  #letGo(key: string): void {
    this.#held.get(key)?.cancel();
    this.#held.delete(key);
    this.#slots.free(key);
  }

  async #revoke(login: LeasedLogin, ended: readonly HeldLease[]): Promise<void> {
    const { revoke } = login.session;
    if (revoke === undefined) return;
    try {
      await this.#logins.call(login, (context) => revoke.call(login.session, context));
      for (const held of ended) this.#parts.report("revoked", held);
    } catch (thrown) {
      for (const held of ended) this.#parts.report("lost", held, thrown);
    }
  }

  #lookLater(): void {
    this.#cancelLook = this.#parts.clock.after(lookEvery, () => void this.#look());
  }

  /** Ends what belongs to pods that are gone, and forgets logins that nothing hangs on any more. */
  async #look(): Promise<void> {
    const { clock, living, podIsThere } = this.#parts;
    const now = clock.now();
    this.#logins.forgetEnded(now);
    for (const pod of this.#logins.pods) {
      const isThere = await podIsThere(pod);
      if (isThere === false || (isThere === undefined && living.isGone(pod.uid, now))) await this.end(pod.uid);
    }
    if (!this.#logins.isClosed) this.#lookLater();
  }
}

/** A time since the epoch, by `Clock.now`; never for none. */
function timeOf(wall: number | undefined, clock: Clock): number {
  return wall === undefined ? Number.POSITIVE_INFINITY : clock.now() + wall - clock.wall();
}
