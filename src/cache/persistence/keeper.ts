import type { Clock } from "../../async/clock.ts";
import type { Logger } from "../../log.ts";
import type { Redacted } from "../../redacted.ts";
import type { EntryKeeper } from "../cache-options.ts";
import type { Entry } from "../entries.ts";
import type { Flaw } from "./bad-file.ts";
import type { Codec } from "./codec.ts";

/** Everything that persistence needs. */
export interface KeeperOptions<V> {
  /** `--cache-dir`. */
  readonly directory: string;
  /** Contents of `--cache-key-file`, at least 32 bytes. */
  readonly key: Redacted<Uint8Array>;
  readonly codec: Codec<V>;
  readonly clock: Clock;
  /** See `readBootId`. */
  readonly bootId: string;
  /** For all files of entries together. */
  readonly mostBytes: number;
  /** Lets the directory be on a disk, whose entries survive a boot and are then judged by the wall clock. */
  readonly allowDisk: boolean;
  readonly log: Logger;
}

/** Counts for metrics, since the start but for `entries` and `bytes`. */
export interface KeeperStats {
  /** Files of entries kept now, and their bytes. */
  readonly entries: number;
  readonly bytes: number;
  readonly saved: number;
  readonly dropped: number;
  /** Removed to make room. */
  readonly evicted: number;
  /** Writes that failed. */
  readonly failed: number;
  /** Files found unusable, by reason. */
  readonly flawed: ReadonlyMap<Flaw, number>;
  /** Why nothing is saved any more: a drop could not be done, or another process writes to the directory. */
  readonly disabled: "drop-failed" | "taken-over" | undefined;
}

/** Keeps entries of the cache beyond the process, sealed, in a directory. */
export interface Keeper<V> extends EntryKeeper<V> {
  /** Every usable entry, oldest first, in this boot's time; to be called once, at start. Removes what is unusable. */
  load(): Promise<readonly Entry<V>[]>;
  /** Keeps an entry in place of its key's older one; the last call for a key wins. Failures are logged and counted. */
  save(entry: Entry<V>): Promise<void>;
  /** Removes an entry for good before it settles. A `DropError` says that it could not. */
  drop(key: string): Promise<void>;
  /** Keeps a small text or the like that is not of one identity; as `save` it does not throw. */
  saveRecord(name: string, bytes: Uint8Array): Promise<void>;
  /** A record, or undefined where none is usable. */
  loadRecord(name: string): Promise<Uint8Array | undefined>;
  stats(): KeeperStats;
  /** Waits for what is under way; nothing is kept afterwards. */
  close(): Promise<void>;
}
