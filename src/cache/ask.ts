import type { About } from "./entries.ts";
import type { Bounds, Loaded } from "./freshness.ts";
import type { Change } from "./spread.ts";
import type { Trial } from "./trial.ts";

/** One request to the cache. */
export interface Ask<V> {
  /** Everything that the answer depends on, hashed: store, settings, identity, credentials, ref. */
  readonly key: string;
  readonly about: About;
  /** The servers behind it: one budget of calls each, whatever the settings. */
  readonly servers: readonly string[];
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
  /** Equal for secrets of a volume that change in one step; the key stands for itself where it is absent. */
  readonly unit?: string | undefined;
  readonly bounds: Bounds;
  /** Tries a value that differs from the kept one before it is released. */
  readonly verify?: Trial<V> | undefined;
  /** The caller's: it ends the waiting, never the flight. */
  readonly signal: AbortSignal;
  readonly load: (signal: AbortSignal) => Promise<Loaded<V>>;
}

/** As much of an ask as it takes to look for an entry. */
export interface Look
  extends Pick<Ask<unknown>, "key" | "shared" | "pod" | "forPod" | "issues" | "mountedAt" | "unit" | "bounds"> {
  readonly about: Pick<About, "namespace">;
}

/** An answer, and where it comes from. */
export interface Served<V> {
  readonly value: V;
  readonly how: "fetched" | "cached" | "stale";
  /** Since the store was asked, in milliseconds. */
  readonly ageMs: number;
  /** A newer value that not all volumes have taken yet. */
  readonly change?: Change<V> | undefined;
}

/** A call to a store that is no read. */
export interface OtherCall<T> {
  readonly signal: AbortSignal;
  readonly run: (signal: AbortSignal) => Promise<T>;
}
