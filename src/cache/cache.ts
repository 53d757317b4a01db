import { Flights } from "../async/flights.ts";
import { untilAborted } from "../async/until-aborted.ts";
import { couldNotAsk, type ProviderError, tellsOfStore, toProviderError } from "../errors.ts";
import type { CacheFigures } from "../metrics.ts";
import type { Ask, Look, OtherCall, Served } from "./ask.ts";
import type { CacheOptions } from "./cache-options.ts";
import { Denials } from "./denials.ts";
import type { About, Entry, Listed } from "./entries.ts";
import { boundsAt, type EntryParts, isFresh, isServable, type Loaded, makeEntry } from "./freshness.ts";
import type { GatedCall } from "./gate.ts";
import { Gates } from "./gates.ts";
import { KeptEntries, type Life } from "./kept-entries.ts";
import { isOfPod, keyOfPod } from "./keys.ts";
import { Ledger } from "./ledger.ts";
import { LookupCounts } from "./lookup-counts.ts";
import { overAfter } from "./over-after.ts";
import { PodKeys } from "./pod-keys.ts";
import { changeOf } from "./spread.ts";
import { tooLate, type Underway } from "./underway.ts";
import { Verification } from "./verification.ts";

/** The node's cache: what one identity fetched is served to that identity alone, within bounds, also while the store is away. */
export class Cache<V> {
  readonly #options: CacheOptions<V>;
  readonly #entries: KeptEntries<V>;
  readonly #flights = new Flights<Entry<V>>();
  readonly #gates: Gates;
  readonly #lookups = new LookupCounts();
  readonly #denials: Denials;
  readonly #podKeys = new PodKeys();
  readonly #hits = new WeakMap<Entry<V>, number>();
  readonly #underway = new Set<Underway>();
  readonly #verification: Verification<V>;

  constructor(options: CacheOptions<V>) {
    this.#options = options;
    this.#entries = new KeptEntries(options);
    const { ledger = new Ledger() } = options;
    this.#gates = new Gates(options, ledger);
    this.#denials = new Denials(ledger);
    const entryOf = ({ about }: Ask<V>, key: string) => this.#entries.get(key, about.namespace);
    this.#verification = new Verification({ ...options, entryOf, report: options.verified ?? (() => undefined) });
  }

  /** Answers an ask. Throws what the load threw, or the caller's own signal's reason. */
  async get(asked: Ask<V>): Promise<Served<V>> {
    if (!asked.shared) return await this.#fetchAlone(asked);
    const { clock } = this.#options;
    const ask = { ...asked, bounds: boundsAt(asked.bounds, clock.wall()) };
    const key = this.#podKeys.keyFor(ask);
    const servable = this.#servable(ask, key);
    if (servable !== undefined && isFresh(servable, ask.bounds, clock.now()))
      return this.#serve(servable, ask, "cached");
    this.#denials.throwIfRemembered(key, this.#options.clock.now());
    this.#lookups[servable === undefined ? "miss" : "refresh"] += 1;
    if (servable !== undefined) return await this.#refresh(ask, key, servable);
    return await this.#land(ask, await untilAborted(this.#join(ask, key, true), ask.signal));
  }

  /** Calls `listener` whenever entries are not kept any more, other than for newer ones in their place. */
  onRemoval(listener: () => void): void {
    this.#entries.onRemoval(listener);
  }

  /** Returns what can be served without asking, also stale unless `onlyFresh`; `undefined` if nothing is within bounds. */
  kept(asked: Look, onlyFresh = false): Served<V> | undefined {
    const { clock } = this.#options;
    const look = { ...asked, bounds: boundsAt(asked.bounds, clock.wall()) };
    const entry = look.shared ? this.#servable(look, this.#podKeys.keyFor(look)) : undefined;
    const how = entry !== undefined && isFresh(entry, look.bounds, clock.now()) ? "cached" : "stale";
    return entry === undefined || (onlyFresh && how === "stale") ? undefined : this.#serve(entry, look, how);
  }

  /** Forgets entries: the next ask goes to the store. Gives how many there were. */
  async drop(which: (about: About) => boolean): Promise<number> {
    this.#denials.clear();
    await this.#entries.forget({ all: true });
    return await this.#dropAll(which);
  }

  /** Has entries asked for again by the next ask, and keeps them for an outage. Gives how many there were. */
  expire(which: (about: About) => boolean): number {
    this.#denials.clear();
    return this.#entries.expire(which, this.#options.clock.now());
  }

  /** Gives what a pod has of an issued answer another life. False where it is not kept any more. */
  async prolong(key: string, namespace: string, life: Life): Promise<boolean> {
    return await this.#entries.prolong(key, namespace, life);
  }

  /** Forgets what one pod has by a key: the pod is gone. */
  async forget(key: string, namespace: string): Promise<void> {
    const entry = this.#entries.get(key, namespace);
    if (entry !== undefined) await this.#entries.remove([entry]);
  }

  /** Calls an endpoint outside a read, within its bounds of calls; a call that fails is not made again. */
  async call<T>(ask: Pick<Ask<unknown>, "about" | "servers">, call: OtherCall<T>): Promise<T> {
    const until = this.#options.clock.now() + this.#options.flightTimeout;
    const { namespace, login } = ask.about;
    return await this.#gates
      .of(ask)
      .send({ namespace, login, urgent: false, hasNext: true, repeatable: false, until, ...call });
  }

  /** Whether asking by a key has made something new before. */
  issues(key: string): boolean {
    return this.#podKeys.issues(key);
  }

  /** Every entry, for listing: what it is, never its value. */
  list(): readonly Listed[] {
    return this.#entries.list(this.#options.clock.now(), (entry) => this.#hits.get(entry) ?? 0);
  }

  /** Takes entries that an earlier process of this boot kept. */
  async restore(entries: readonly Entry<V>[]): Promise<void> {
    for (const entry of entries) {
      this.#podKeys.restore(entry);
      await this.#entries.restore(entry);
    }
  }

  /** Counts what the cache holds and does. */
  get figures(): CacheFigures {
    const lookups = this.#lookups.at(this.#options.clock.now());
    const { mostBytes } = this.#options;
    return { ...this.#entries.figures, mostBytes, breakers: this.#gates.breakers, lookups };
  }

  async #fetchAlone(ask: Ask<V>): Promise<Served<V>> {
    this.#lookups.unshared += 1;
    const { value } = await this.#gates.of(ask).send(this.#callOf(ask, true, ask.signal));
    return { value, how: "fetched", ageMs: 0 };
  }

  /** Serves a flight's answer. One pod's answer goes to no other pod, which asks again: its key is now known as a pod's. */
  async #land(ask: Ask<V>, entry: Entry<V>): Promise<Served<V>> {
    const isOthers = isOfPod(entry.key) && entry.key !== keyOfPod(ask.key, ask.pod);
    return isOthers ? await this.get(ask) : this.#serve(entry, ask, "fetched");
  }

  /** Waits for a refresh no longer than it is worth; what the store says against the value counts, silence does not. */
  async #refresh(ask: Ask<V>, key: string, servable: Entry<V>): Promise<Served<V>> {
    const waiting = this.#gates.of(ask).stateFor(ask.about.namespace) === "closed";
    const flight = this.#join(ask, key, false);
    if (!waiting) return this.#serve(servable, ask, "stale");
    const patience = overAfter(this.#options.clock, this.#options.staleAfter);
    const landed = await untilAborted(Promise.race([flight, patience.over]), ask.signal)
      .catch((thrown: unknown) => this.#staleInstead(ask, key, thrown))
      .finally(patience.cancel);
    if (landed !== undefined) return "how" in landed ? landed : await this.#land(ask, landed);
    // It may have been dropped meanwhile, or have come to its end.
    const still = this.#servable(ask, key);
    if (still !== undefined) return this.#serve(still, ask, "stale");
    return await this.#land(ask, await untilAborted(flight, ask.signal));
  }

  #staleInstead(ask: Ask<V>, key: string, thrown: unknown): Served<V> {
    const still = couldNotAsk(toProviderError(thrown)) ? this.#servable(ask, key) : undefined;
    if (still === undefined) throw thrown;
    return this.#serve(still, ask, "stale");
  }

  #servable({ about, bounds }: Look, key: string): Entry<V> | undefined {
    const entry = this.#entries.get(key, about.namespace);
    return entry !== undefined && isServable(entry, bounds, this.#options.clock.now()) ? entry : undefined;
  }

  /** Joins the flight of a key, or starts one. It lives by its own time: whoever started it may leave. */
  #join(ask: Ask<V>, key: string, urgent: boolean): Promise<Entry<V>> {
    return this.#flights.join(key, () => this.#fly(ask, key, urgent));
  }

  async #fly(ask: Ask<V>, key: string, urgent: boolean): Promise<Entry<V>> {
    const limit = new AbortController();
    const cancel = this.#options.clock.after(this.#options.flightTimeout, () => limit.abort(tooLate()));
    const underway = { key, about: ask.about, dropped: false };
    this.#underway.add(underway);
    const asked = { now: this.#options.clock.now(), wall: this.#options.clock.wall() };
    try {
      const loaded = await this.#gates.of(ask).send(this.#callOf(ask, urgent, limit.signal));
      const kept = await this.#verification.instead(ask, key, loaded, limit.signal);
      const entry = kept ?? this.#entryOf(ask, key, loaded, asked);
      if (underway.dropped) return entry;
      this.#denials.delete(key);
      await this.#entries.keep(entry, key);
      return entry;
    } catch (thrown) {
      const error = toProviderError(thrown);
      await this.#recordFailure(ask, key, error);
      throw error;
    } finally {
      this.#underway.delete(underway);
      cancel();
    }
  }

  #callOf(ask: Ask<V>, urgent: boolean, signal: AbortSignal): GatedCall<Loaded<V>> {
    const { about, load: run, hasNext = false } = ask;
    const until = this.#options.clock.now() + this.#options.flightTimeout;
    const call = { namespace: about.namespace, login: about.login, urgent, hasNext, until, signal, run };
    return { ...call, repeatable: this.#podKeys.isRepeatable(ask) };
  }

  #entryOf(ask: Ask<V>, key: string, loaded: Loaded<V>, at: Pick<EntryParts<V>, "now" | "wall">): Entry<V> {
    const { random, same } = this.#options;
    const before = this.#entries.get(key, ask.about.namespace);
    const own = { key: this.#podKeys.learn(ask, loaded), about: ask.about, bounds: ask.bounds, jitter: random() };
    return makeEntry({ ...at, ...own, loaded, same, before });
  }

  /** Acts on a denial or an absence that the store reports, at once and before any caller is told. */
  async #recordFailure(ask: Ask<V>, key: string, error: ProviderError): Promise<void> {
    const { clock, denyMemory } = this.#options;
    if (!tellsOfStore(error) || (error.reason !== "denied" && error.reason !== "absent")) return;
    if (error.reason === "denied" && denyMemory > 0)
      this.#denials.set(ask.about.namespace, key, { error, until: clock.now() + denyMemory });
    const isLogin = error.id === "LK0032";
    await this.#entries.forget(isLogin ? { login: ask.about.login } : { key });
    const entry = this.#entries.get(key, ask.about.namespace);
    if (isLogin) await this.#dropAll(({ login }) => login === ask.about.login);
    else if (entry !== undefined) await this.#entries.remove([entry]);
  }

  async #dropAll(which: (about: About) => boolean): Promise<number> {
    for (const flight of this.#underway) {
      if (!which(flight.about)) continue;
      flight.dropped = true;
      this.#flights.forget(flight.key);
    }
    const dropped = this.#entries.which(which);
    await this.#entries.remove(dropped);
    return dropped.length;
  }

  #serve(entry: Entry<V>, ask: Look, how: Served<V>["how"]): Served<V> {
    const { clock } = this.#options;
    const now = clock.now();
    this.#hits.set(entry, (this.#hits.get(entry) ?? 0) + 1);
    const { mountedAt = now, pod, unit = ask.key } = ask;
    const change = changeOf(entry, ask.bounds, { now, wall: clock.wall(), mountedAt, pod, unit });
    const { value, fetchedAt } = change !== undefined && now < change.releasesAt ? change.older : entry;
    const ageMs = now - fetchedAt;
    this.#lookups.served(how, ageMs, now);
    return change === undefined ? { value, how, ageMs } : { value, how, ageMs, change };
  }
}
