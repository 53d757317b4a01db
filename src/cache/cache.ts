import { LRUCache } from "lru-cache";
import { ProviderError, toProviderError } from "../errors.ts";
import { untilAborted } from "../until-aborted.ts";
import type { Ask, CacheOptions, Listed, Served } from "./contract.ts";
import { type About, Entries, type Entry } from "./entries.ts";
import { Flights } from "./flights.ts";
import { isFresh, isServable, type Loaded, makeEntry } from "./freshness.ts";
import { Gate } from "./gate.ts";
import { keyOfPod, sharedKey } from "./keys.ts";

/** A flight's end, and the pod that it was flown for. */
interface Landed<V> {
  readonly entry: Entry<V>;
  readonly pod: string;
}

/** The node's cache: what one identity fetched is served to that identity alone, within bounds, also while the store is away. */
export class Cache<V> {
  readonly #options: CacheOptions<V>;
  readonly #entries: Entries<V>;
  readonly #flights = new Flights<Landed<V>>();
  readonly #gates = new LRUCache<string, Gate>({ max: 1_000 });
  readonly #denials = new LRUCache<string, { readonly error: ProviderError; readonly until: number }>({ max: 10_000 });
  /** Keys whose answers are issued: asked for by pod from then on. */
  readonly #issued = new LRUCache<string, true>({ max: 10_000 });
  readonly #hits = new WeakMap<Entry<V>, number>();
  /** Counts the operator's drops: what was on its way at one is not kept. */
  #drops = 0;

  constructor(options: CacheOptions<V>) {
    this.#options = options;
    this.#entries = new Entries(options.mostBytes);
  }

  /** Answers an ask. Throws what the load threw, or the caller's own signal's reason. */
  async get(ask: Ask<V>): Promise<Served<V>> {
    if (!ask.shared) return await this.#fetchAlone(ask);
    const key = this.#keyOf(ask);
    const entry = this.#entries.get(key, ask.about.namespace);
    const now = this.#options.clock.now();
    const servable = entry !== undefined && isServable(entry, ask.bounds, now) ? entry : undefined;
    if (servable !== undefined && isFresh(servable, ask.bounds, now)) return this.#serve(servable, ask, "cached");
    this.#throwRemembered(key);
    if (servable === undefined) return await this.#fetch(ask, key);
    return await this.#refresh(ask, key, servable);
  }

  /** Forgets entries: the next ask goes to the store. Gives how many there were. */
  async drop(which: (about: About) => boolean): Promise<number> {
    this.#drops += 1;
    const dropped = this.#entries.all().filter(({ about }) => which(about));
    for (const entry of dropped) await this.#drop(entry);
    this.#denials.clear();
    return dropped.length;
  }

  /** Every entry, for listing: what it is, never its value. */
  list(): readonly Listed[] {
    const now = this.#options.clock.now();
    return this.#entries.all().map((entry) => {
      const { about, bytes, issued, fetchedAt } = entry;
      return { about, bytes, issued, ageMs: now - fetchedAt, hits: this.#hits.get(entry) ?? 0 };
    });
  }

  /** Takes entries that an earlier process of this boot kept. */
  restore(entries: readonly Entry<V>[]): void {
    for (const entry of entries) {
      this.#entries.set(entry);
      if (entry.issued) this.#issued.set(sharedKey(entry.key), true);
    }
  }

  /** The bytes that entries take now, and how many were pushed out so far. */
  get usage(): { readonly bytes: number; readonly evicted: number } {
    return { bytes: this.#entries.bytes, evicted: this.#entries.evicted };
  }

  async #fetchAlone(ask: Ask<V>): Promise<Served<V>> {
    const { value } = await this.#load(ask, true, ask.signal);
    return { value, how: "fetched", ageMs: 0 };
  }

  async #fetch(ask: Ask<V>, key: string): Promise<Served<V>> {
    return await this.#land(ask, await untilAborted(this.#join(ask, key, true), ask.signal));
  }

  /** An issued answer is for the pod that it was flown for: another asks again, for by now the key is known to be issued. */
  async #land(ask: Ask<V>, { entry, pod }: Landed<V>): Promise<Served<V>> {
    return entry.issued && pod !== ask.pod ? await this.get(ask) : this.#serve(entry, ask, "fetched");
  }

  /** Waits for a refresh no longer than it is worth; what the store says against the value counts, silence does not. */
  async #refresh(ask: Ask<V>, key: string, servable: Entry<V>): Promise<Served<V>> {
    const waiting = this.#gate(ask).state === "closed";
    const flight = this.#join(ask, key, false);
    if (!waiting) return this.#serve(servable, ask, "stale");
    const patience = this.#patience();
    try {
      const landed = await untilAborted(Promise.race([flight, patience.over]), ask.signal);
      return landed === undefined ? this.#serve(servable, ask, "stale") : await this.#land(ask, landed);
    } catch (thrown) {
      const { reason } = toProviderError(thrown);
      if (reason !== "outage" && reason !== "throttled") throw thrown;
      const still = this.#entries.get(key, ask.about.namespace);
      if (still === undefined || !isServable(still, ask.bounds, this.#options.clock.now())) throw thrown;
      return this.#serve(still, ask, "stale");
    } finally {
      patience.cancel();
    }
  }

  #patience(): { readonly over: Promise<undefined>; readonly cancel: () => void } {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    return { over: promise, cancel: this.#options.clock.after(this.#options.staleAfter, () => resolve(undefined)) };
  }

  #join(ask: Ask<V>, key: string, urgent: boolean): Promise<Landed<V>> {
    return this.#flights.join(key, () => this.#fly(ask, key, urgent));
  }

  /** A flight lives by its own time: whoever started it may leave. */
  async #fly(ask: Ask<V>, key: string, urgent: boolean): Promise<Landed<V>> {
    const limit = new AbortController();
    const late = new ProviderError("LK0030", "the store gave no answer in time", { fix: "see why the store is slow" });
    const cancel = this.#options.clock.after(this.#options.flightTimeout, () => limit.abort(late));
    try {
      const drops = this.#drops;
      const loaded = await this.#load(ask, urgent, limit.signal);
      return { entry: await this.#keep(ask, key, loaded, drops === this.#drops), pod: ask.pod };
    } catch (thrown) {
      const error = toProviderError(thrown);
      await this.#recordFailure(ask, key, error);
      throw error;
    } finally {
      cancel();
    }
  }

  async #load(ask: Ask<V>, urgent: boolean, signal: AbortSignal): Promise<Loaded<V>> {
    const { about, load } = ask;
    const call = { namespace: about.namespace, login: about.login, urgent, repeatable: true, signal, run: load };
    return await this.#gate(ask).send(call);
  }

  #gate({ endpoint }: Ask<V>): Gate {
    const known = this.#gates.get(endpoint);
    if (known !== undefined) return known;
    const gate = new Gate(this.#options);
    this.#gates.set(endpoint, gate);
    return gate;
  }

  async #keep(ask: Ask<V>, key: string, loaded: Loaded<V>, lasting: boolean): Promise<Entry<V>> {
    const { clock, random, keeper, place, same } = this.#options;
    if (loaded.issued) this.#issued.set(sharedKey(key), true);
    const entry = makeEntry({
      key: loaded.issued ? keyOfPod(sharedKey(key), ask.pod) : key,
      about: ask.about,
      loaded,
      bounds: ask.bounds,
      now: clock.now(),
      wall: clock.wall(),
      jitter: random(),
      place,
      same,
      before: this.#entries.get(key, ask.about.namespace),
    });
    if (!lasting) return entry;
    this.#entries.set(entry);
    this.#denials.delete(key);
    await keeper?.save(entry);
    return entry;
  }

  /** What the store says against a secret counts at once, and before anybody is told. */
  async #recordFailure(ask: Ask<V>, key: string, error: ProviderError): Promise<void> {
    const { clock, denyMemory } = this.#options;
    if (error.reason !== "denied" && error.reason !== "absent") return;
    if (error.reason === "denied" && denyMemory > 0) this.#denials.set(key, { error, until: clock.now() + denyMemory });
    const entry = this.#entries.get(key, ask.about.namespace);
    if (entry !== undefined) await this.#drop(entry);
    if (error.id === "LK0032") await this.drop(({ login }) => login === ask.about.login);
  }

  async #drop(entry: Entry<V>): Promise<void> {
    this.#entries.delete(entry);
    try {
      await this.#options.keeper?.drop(entry.key);
    } catch (error) {
      // Whoever asked hears what the store said; the operator hears that the directory must be emptied.
      this.#options.dropFailed(error);
    }
  }

  #throwRemembered(key: string): void {
    const denial = this.#denials.get(key);
    if (denial !== undefined && this.#options.clock.now() < denial.until) throw denial.error;
  }

  #keyOf({ key, pod }: Ask<V>): string {
    return this.#issued.has(key) ? keyOfPod(key, pod) : key;
  }

  #serve(entry: Entry<V>, { remount }: Ask<V>, how: Served<V>["how"]): Served<V> {
    const now = this.#options.clock.now();
    const held = remount && entry.held !== undefined && now < entry.held.until ? entry.held : undefined;
    this.#hits.set(entry, (this.#hits.get(entry) ?? 0) + 1);
    return { value: held === undefined ? entry.value : held.value, how, ageMs: now - entry.fetchedAt };
  }
}
