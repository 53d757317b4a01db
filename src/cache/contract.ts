import type { About, Entry } from "./entries.ts";
import type { Bounds, Loaded } from "./freshness.ts";
import type { GateOptions } from "./gate.ts";

/** One request to the cache. */
export interface Ask<V> {
  /** Everything that the answer depends on, hashed: store, settings, identity, credentials, ref. */
  readonly key: string;
  readonly about: About;
  /** Where the store is: one breaker and one budget each. */
  readonly endpoint: string;
  /** The same for people. */
  readonly place: string;
  /** False for an identity that is not proved: it neither sees nor touches an entry. */
  readonly shared: boolean;
  /** Who gets an answer that is for one pod alone. */
  readonly pod: string;
  /** Known beforehand: the answer is for this pod alone. */
  readonly forPod?: boolean | undefined;
  /** Known beforehand: asking makes something new. No request is sent twice, and the answer is for this pod alone. */
  readonly issues?: boolean | undefined;
  /** Another source can be asked instead: what fails here is not waited for. */
  readonly hasNext?: boolean | undefined;
  /** When the volume was first mounted, by `Clock.now`; undefined for one that is not mounted yet. */
  readonly mountedAt?: number | undefined;
  readonly bounds: Bounds;
  /** The caller's: it ends the waiting, never the flight. */
  readonly signal: AbortSignal;
  readonly load: (signal: AbortSignal) => Promise<Loaded<V>>;
}

/** As much of an ask as it takes to look for an entry. */
export interface Look
  extends Pick<Ask<unknown>, "key" | "shared" | "pod" | "forPod" | "issues" | "mountedAt" | "bounds"> {
  readonly about: Pick<About, "namespace">;
}

/** An answer, and where it comes from. */
export interface Served<V> {
  readonly value: V;
  readonly how: "fetched" | "cached" | "stale";
  /** Since the store was asked, in milliseconds. */
  readonly ageMs: number;
}

/** How the cache behaves, in milliseconds and bytes. */
export interface CacheOptions<V> extends GateOptions {
  readonly mostBytes: number;
  /** How long somebody who has something to serve waits for the store. */
  readonly staleAfter: number;
  /** How long a flight may take. */
  readonly flightTimeout: number;
  /** How long a denial is remembered. */
  readonly denyMemory: number;
  /** Where this node stands in a window of `spread`, from 0 to 1: the same at every start. */
  readonly place: number;
  /** Whether two values are the same to whoever reads them. */
  readonly same: (a: V, b: V) => boolean;
  readonly keeper?: Keeper<V> | undefined;
  /** A dropped entry could not be removed from where it is kept. */
  readonly dropFailed: (error: unknown) => void;
}

/** Keeps entries beyond the process's life. */
export interface Keeper<V> {
  /** Never throws: an entry that cannot be kept is not kept. */
  save(entry: Entry<V>): Promise<void>;
  /** When it is fulfilled the entry will not be restored, whatever happens. */
  drop(key: string): Promise<void>;
}

/** One entry, as an operator sees it. */
export interface Listed {
  readonly about: About;
  readonly bytes: number;
  readonly issued: boolean;
  readonly ageMs: number;
  readonly hits: number;
}
