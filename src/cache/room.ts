import { LRUCache } from "lru-cache";

/** As much of something that is kept as decides when it goes. */
export interface Kept {
  readonly key: string;
  readonly bytes: number;
  readonly issued: boolean;
  readonly expiresAt?: number | undefined;
}

/** The entries of one namespace, and the order in which it would lose them. */
export class Room<E extends Kept> {
  readonly #kept = unbounded<E>();
  /** Issued ones that expire: nobody can fetch one of them again. */
  readonly #issued = unbounded<E>();
  #bytes = 0;

  /** The memory that they take together, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many they are. */
  get size(): number {
    return this.#kept.size + this.#issued.size;
  }

  /** Returns an entry, which is now the one used last. */
  get(key: string): E | undefined {
    return this.#kept.get(key) ?? this.#issued.get(key);
  }

  /** Adds an entry whose key is not there. */
  add(entry: E): void {
    const entries = entry.issued && entry.expiresAt !== undefined ? this.#issued : this.#kept;
    entries.set(entry.key, entry);
    this.#bytes += entry.bytes;
  }

  /** Takes an entry out and returns it; undefined if it was not there. */
  delete(key: string): E | undefined {
    const entry = this.#kept.peek(key) ?? this.#issued.peek(key);
    if (entry === undefined) return undefined;
    this.#kept.delete(key);
    this.#issued.delete(key);
    this.#bytes -= entry.bytes;
    return entry;
  }

  all(): readonly E[] {
    return [...this.#kept.values(), ...this.#issued.values()];
  }

  /** Returns the issued answers that ended by `now`. */
  expired(now: number): readonly E[] {
    return [...this.#issued.values()].filter(({ expiresAt = now }) => expiresAt <= now);
  }

  /** Returns the entry that makes room for others: the least lately used one, an issued one only if there is no other. */
  firstToGo(): E | undefined {
    for (const entries of [this.#kept, this.#issued]) for (const leastLately of entries.rvalues()) return leastLately;
    return undefined;
  }
}

/** The bound is held for all rooms together: one that pushed out by itself would not be counted. */
function unbounded<E extends Kept>(): LRUCache<string, E> {
  return new LRUCache({ maxSize: Number.MAX_SAFE_INTEGER, sizeCalculation: ({ bytes }) => Math.max(1, bytes) });
}
