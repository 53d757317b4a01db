import type { Entry } from "./entries.ts";
import type { GateOptions } from "./gate.ts";
import type { Ledger } from "./ledger.ts";
import type { Verified } from "./verification.ts";

/** How the cache behaves, in milliseconds and bytes. */
export interface CacheOptions<V> extends GateOptions {
  readonly mostBytes: number;
  /** The account of what is kept beside entries; absent: one of the cache's own. */
  readonly ledger?: Ledger | undefined;
  /** How long somebody who has something to serve waits for the store. */
  readonly staleAfter: number;
  /** How long a flight may take. */
  readonly flightTimeout: number;
  /** How long a denial is remembered. */
  readonly denyMemory: number;
  /** Whether two values are the same to whoever reads them. */
  readonly same: (a: V, b: V) => boolean;
  readonly keeper?: EntryKeeper<V> | undefined;
  /** A dropped entry could not be removed from where it is kept. */
  readonly dropFailed: (error: unknown) => void;
  /** A new value was tried at its target. */
  readonly verified?: ((verified: Verified) => void) | undefined;
}

/** Keeps entries beyond the process's life. */
export interface EntryKeeper<V> {
  /** Never throws: an entry that cannot be kept is not kept. */
  save(entry: Entry<V>): Promise<void>;
  /** When it is fulfilled the entry will not be restored, whatever happens. */
  drop(key: string): Promise<void>;
  /** Does the same to what it holds and cannot read yet. Absent where everything was read at the start. */
  forget?(what: Forgotten): Promise<void>;
}

/** Entries that are not to come back: the one of a key, those of a login, or all. */
export type Forgotten = { readonly key: string } | { readonly login: string } | { readonly all: true };
