import type { Ask, Served } from "../../src/cache/ask.ts";
import { Cache } from "../../src/cache/cache.ts";
import type { CacheOptions, EntryKeeper } from "../../src/cache/cache-options.ts";
import type { Entry } from "../../src/cache/entries.ts";
import type { Bounds } from "../../src/cache/freshness.ts";
import { someAbout } from "./entry-of.ts";
import { FakeLoads } from "./fake-loads.ts";
import { VirtualTime } from "./virtual-time.ts";

export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;

/** The bounds of an operator who sets nothing. */
export const defaultBounds: Bounds = { refresh: 2 * minute, maxStale: 24 * hour, spread: 0 };

/** Keeps entries in memory, as the cache directory does on disk. */
export class MemoryKeeper implements EntryKeeper<string> {
  readonly kept = new Map<string, Entry<string>>();
  /** The error of the next drop, and of no later one. */
  fault: Error | undefined;

  async save(entry: Entry<string>): Promise<void> {
    this.kept.set(entry.key, entry);
  }

  async drop(key: string): Promise<void> {
    await Promise.resolve();
    const { fault } = this;
    this.fault = undefined;
    if (fault !== undefined) throw fault;
    this.kept.delete(key);
  }
}

type Asking = Partial<Omit<Ask<string>, "bounds">> & { readonly bounds?: Partial<Bounds>; readonly endpoint?: string };

/** A cache in virtual time before a store that the test speaks for. */
export class CacheFixture {
  readonly time = new VirtualTime();
  readonly store = new FakeLoads();
  readonly keeper = new MemoryKeeper();
  readonly dropFailures: unknown[] = [];
  readonly options: CacheOptions<string>;
  cache: Cache<string>;

  constructor(changes: Partial<CacheOptions<string>> = {}) {
    this.options = {
      clock: this.time,
      random: () => 0.5,
      budget: { calls: 32, queue: 1_000 },
      slowAfter: 1.5 * second,
      mostBytes: 1_000_000,
      staleAfter: 1.5 * second,
      flightTimeout: 30 * second,
      denyMemory: 10 * second,
      same: (a, b) => a === b,
      keeper: this.keeper,
      dropFailed: (error) => this.dropFailures.push(error),
      ...changes,
    };
    this.cache = new Cache(this.options);
  }

  /** One ask; what is not said is as for any other pod of one identity. */
  ask({ bounds, endpoint, ...more }: Asking = {}): Promise<Served<string>> {
    return this.cache.get({
      key: "key",
      about: { ...someAbout, ...(endpoint === undefined ? {} : { endpoint }) },
      servers: ["vault"],
      shared: true,
      pod: "pod-1",
      signal: new AbortController().signal,
      load: this.store.load,
      bounds: { ...defaultBounds, ...bounds },
      ...more,
    });
  }

  /** Another process of the same boot. */
  async restart(): Promise<void> {
    this.cache = new Cache(this.options);
    await this.cache.restore([...this.keeper.kept.values()]);
  }

  /** Entries that are kept beyond the process, by key. */
  get keptKeys(): readonly string[] {
    return [...this.keeper.kept.keys()];
  }
}
