import { Cache } from "../../../src/cache/cache.ts";
import type { EntryKeeper } from "../../../src/cache/cache-options.ts";
import type { Entry } from "../../../src/cache/entries.ts";
import type { Bounds } from "../../../src/cache/freshness.ts";
import { keyOf } from "../../../src/cache/keys.ts";
import { ProviderError } from "../../../src/errors.ts";
import { second } from "../cache-fixture.ts";
import { seeded, VirtualTime } from "../virtual-time.ts";
import { concerns, judge, longestFlight } from "./invariants.ts";
import { ModelStore } from "./model-store.ts";
import { boundsTable, life, type Mount, type Step } from "./steps.ts";

const versionOf = (value: string) => value.slice(0, value.indexOf("#"));

/** A node on which a history happens; what it does against the rules is in `store.violations`. */
export class ModelNode {
  readonly time = new VirtualTime();
  readonly store = new ModelStore(this.time);
  /** How mounts ended, counted. */
  readonly ends = new Map<string, number>();
  readonly #kept = new Map<string, Entry<string>>();
  readonly #leases = new Map<string, { readonly at: number; readonly order: number }>();
  #pending = 0;
  #cache = this.#start();

  async run(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      await this.#do(step);
      await this.time.advance(1);
      this.#checkKept();
    }
    await this.time.advance(3 * longestFlight);
    if (this.#pending > 0) this.store.violations.push(`${this.#pending} mounts were never answered`);
    if (this.time.timers > 0) this.store.violations.push(`${this.time.timers} timers were left`);
  }

  async #do(step: Step): Promise<void> {
    const { store, time } = this;
    if (step.kind === "mount") this.#mount(step);
    else if (step.kind === "pass") await time.advance(step.ms);
    else if (step.kind === "mood") store.mood = step.mood;
    else if (step.kind === "login") toggle(store.deniedLogins, step.identity, step.denied);
    else if (step.kind === "throttle") toggle(store.throttled, step.identity, step.throttled);
    else if (step.kind === "drop") await this.#drop(step.identity);
    else if (step.kind === "restart") await this.#restart();
    // A clock that steps while an answer is on its way says nothing of when the answer ends.
    else if (step.kind === "jump" && store.running.size === 0) time.stepWall(step.ms);
    else if (step.kind === "verdict") store.verdicts.set(`${step.identity}/${step.nature}`, step.verdict);
    else if (step.kind === "rotate") {
      const about = `${step.identity}/${step.nature}`;
      store.versions.set(about, (store.versions.get(about) ?? 1) + 1);
    }
  }

  #start(): Cache<string> {
    this.store.process += 1;
    return new Cache<string>({
      clock: this.time,
      random: seeded(this.store.process),
      budget: { calls: 32, queue: 1_000 },
      slowAfter: 1.5 * second,
      mostBytes: 1_600,
      staleAfter: 1.5 * second,
      flightTimeout: longestFlight,
      denyMemory: 10 * second,
      same: (a, b) => versionOf(a) === versionOf(b),
      keeper: this.#keeperOf(this.store.process),
      dropFailed: () => undefined,
    });
  }

  /** Of a process: one that has ended writes nothing more. */
  #keeperOf(process: number): EntryKeeper<string> {
    const write = async (change: () => void) => {
      if (process === this.store.process) change();
    };
    return {
      save: (entry) => write(() => this.#kept.set(entry.key, entry)),
      drop: (key) => write(() => this.#kept.delete(key)),
    };
  }

  async #restart(): Promise<void> {
    this.#cache = this.#start();
    this.#pending = 0;
    await this.#cache.restore([...this.#kept.values()]);
  }

  async #drop(identity: number): Promise<void> {
    this.store.withdraw(identity);
    await this.#cache.drop(({ login }) => login === `login-${identity}`);
  }

  #mount(mount: Mount): void {
    const { store, time } = this;
    const { notBefore: ago, ...rest } = boundsTable[mount.bounds] ?? boundsTable[0] ?? fail();
    const bounds: Bounds = ago === undefined ? rest : { ...rest, notBefore: time.wall() - ago };
    const { identity, nature, proved, pod, remount } = mount;
    const process = this.store.process;
    const asked = { mount, bounds, askedAt: time.now(), order: store.next(), calm: this.#isCalm() };
    const ended = (how: string) => {
      if (process === this.store.process) this.#pending -= 1;
      this.ends.set(how, (this.ends.get(how) ?? 0) + 1);
    };
    this.#pending += 1;
    const about = {
      namespace: `n${identity}`,
      serviceAccount: "sa",
      store: "vault",
      ...{ name: nature, ref: nature, place: "https://vault", endpoint: "vault" },
      login: `login-${identity}`,
    };
    const drops = store.drops(identity);
    const load = async (signal: AbortSignal) => {
      if (proved && nature === "issued") this.#checkLease(mount, bounds);
      if (process !== store.process) throw new ProviderError("LK0009", "the process has ended");
      return await store.load(mount, drops, signal);
    };
    const ask = {
      key: keyOf(about.login, nature),
      about,
      servers: ["vault"],
      shared: proved,
      pod: `pod-${pod}`,
      mountedAt: remount ? Number.NEGATIVE_INFINITY : undefined,
      bounds,
    };
    this.#cache.get({ ...ask, signal: new AbortController().signal, load }).then(
      (served) => {
        ended(served.how);
        if (process !== this.store.process) return;
        const calm = asked.calm && store.troubleAt < asked.askedAt;
        store.violations.push(...judge({ ...asked, calm, served, now: time.now() }, store));
        const given = store.given.get(served.value);
        if (nature === "issued" && proved && given !== undefined && served.how === "fetched")
          this.#leases.set(`${identity} ${pod}`, { at: given.readAt, order: given.order });
      },
      (thrown: unknown) => ended(thrown instanceof ProviderError ? thrown.id : String(thrown)),
    );
  }

  /** No pause, probe or flight of a trouble is left, and the store has answered since. */
  #isCalm(): boolean {
    const { troubleAt, answeredAt, mood } = this.store;
    return mood === "up" && this.time.now() - troubleAt > 600 * second && answeredAt - troubleAt > 2 * longestFlight;
  }

  /** While a lease is served no other is asked for, unless it was withdrawn or the mount wants a newer one. */
  #checkLease(mount: Mount, { notBefore }: Bounds): void {
    const { identity, pod } = mount;
    const lease = this.#leases.get(`${identity} ${pod}`);
    if (lease === undefined || notBefore !== undefined) return;
    const served = this.time.now() - lease.at < life.issued * 0.6 - longestFlight;
    const since = lease.at - longestFlight;
    const withdrawn = this.store.withdrawals.some((one) => concerns(one, mount) && one.at >= since);
    if (served && !withdrawn) this.store.violations.push(`pod ${pod} of ${identity} has a lease, and asks for another`);
  }

  /** Checks that what is kept beyond the process was given to proved identities, and not withdrawn since. */
  #checkKept(): void {
    for (const { value, held } of this.#kept.values()) {
      for (const kept of held === undefined ? [value] : [value, held.value]) {
        const given = this.store.given.get(kept);
        const gone =
          given === undefined || this.store.withdrawals.some((one) => concerns(one, given) && one.order > given.order);
        if (gone || !given.proved) this.store.violations.push(`${kept} is kept beyond the process`);
      }
    }
  }
}

function toggle(set: Set<number>, member: number, is: boolean): void {
  if (is) set.add(member);
  else set.delete(member);
}

function fail(): never {
  throw new Error("no such bounds");
}
