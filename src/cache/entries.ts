import { LRUCache } from "lru-cache";

/** One kept answer. Times are of `Clock.now`, unless said otherwise. */
export interface Entry<V> {
  readonly key: string;
  /** Whose it is and what it is, for listing and dropping; never a value. */
  readonly about: About;
  readonly value: V;
  /** Its size in memory, in bytes. */
  readonly bytes: number;
  readonly fetchedAt: number;
  /** Milliseconds since the epoch, for `notBefore`. */
  readonly fetchedWall: number;
  /** Until then it is served without asking. */
  readonly freshUntil: number;
  /** From then on it is never served. */
  readonly expiresAt?: number | undefined;
  /** The answer can never change (a pinned version). */
  readonly immutable: boolean;
  /** The store made it for one asker. One that expires is kept until then, whatever the memory. */
  readonly issued: boolean;
  /** An older value that volumes which had been mounted by `since` still get, until the time comes (`Bounds.spread`). */
  readonly held?: Held<V> | undefined;
}

/** An older value, with the time of its own last fetch. */
export interface Held<V> {
  readonly value: V;
  readonly fetchedAt: number;
  readonly since: number;
  readonly until: number;
}

/** The description of an entry, in words for the operator. */
export interface About {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly store: string;
  /** The ref in the store's words. */
  readonly name: string;
  /** Hash of identity and settings: a login that is denied drops all entries that have it. */
  readonly login: string;
}

/** One entry, as an operator sees it. */
export interface Listed {
  readonly about: About;
  readonly bytes: number;
  readonly issued: boolean;
  readonly ageMs: number;
  readonly hits: number;
}

/**
 * Entries within a bound of bytes. Where it is passed, the namespace that holds most loses what it used least lately, so
 * that one that floods pushes out nobody else's.
 */
export class Entries<V> {
  readonly #most: number;
  readonly #byNamespace = new Map<string, LRUCache<string, Entry<V>>>();
  readonly #issued = new Map<string, Entry<V>>();
  #bytes = 0;
  #evicted = 0;

  constructor(mostBytes: number) {
    this.#most = mostBytes;
  }

  /** The memory that all entries take together, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many they are. */
  get size(): number {
    let size = this.#issued.size;
    for (const room of this.#byNamespace.values()) size += room.size;
    return size;
  }

  /** How many were pushed out so far. */
  get evicted(): number {
    return this.#evicted;
  }

  get(key: string, namespace: string): Entry<V> | undefined {
    return this.#byNamespace.get(namespace)?.get(key) ?? this.#issued.get(key);
  }

  /**
   * Keeps an entry in place of an older one, unless it is larger than the whole bound. Gives the entries that are not kept
   * any more: issued ones that have expired, what was pushed out, or the entry itself.
   */
  set(entry: Entry<V>): readonly Entry<V>[] {
    this.delete(entry);
    const gone = this.#deleteExpired(entry.fetchedAt);
    if (entry.issued && entry.expiresAt !== undefined) this.#issued.set(entry.key, entry);
    else if (entry.bytes <= this.#most) this.#room(entry.about.namespace).set(entry.key, entry);
    else return [...gone, entry];
    this.#bytes += entry.bytes;
    return [...gone, ...this.#makeRoom()];
  }

  delete({ key, about: { namespace } }: Pick<Entry<V>, "key" | "about">): boolean {
    const room = this.#byNamespace.get(namespace);
    const entry = room?.peek(key) ?? this.#issued.get(key);
    if (entry === undefined) return false;
    room?.delete(key);
    this.#issued.delete(key);
    if (room?.size === 0) this.#byNamespace.delete(namespace);
    this.#bytes -= entry.bytes;
    return true;
  }

  /** All of them for people: what each is, never its value. */
  list(now: number, hitsOf: (entry: Entry<V>) => number): readonly Listed[] {
    return this.all().map((entry) => {
      const { about, bytes, issued, fetchedAt } = entry;
      return { about, bytes, issued, ageMs: now - fetchedAt, hits: hitsOf(entry) };
    });
  }

  /** Makes entries stale by `now`. Gives how many there were. */
  expire(which: (about: About) => boolean, now: number): number {
    const expired = this.all().filter(({ about }) => which(about));
    for (const entry of expired) this.set({ ...entry, freshUntil: now });
    return expired.length;
  }

  /** All of them, in no order. */
  all(): readonly Entry<V>[] {
    return [...[...this.#byNamespace.values()].flatMap((room) => [...room.values()]), ...this.#issued.values()];
  }

  /** Their pods may be gone: nobody else would ever ask for them. */
  #deleteExpired(now: number): readonly Entry<V>[] {
    const expired = [...this.#issued.values()].filter(({ expiresAt }) => expiresAt !== undefined && expiresAt <= now);
    for (const entry of expired) this.delete(entry);
    return expired;
  }

  #room(namespace: string): LRUCache<string, Entry<V>> {
    const known = this.#byNamespace.get(namespace);
    if (known !== undefined) return known;
    // The bound is held here for all rooms together: a room that pushed out by itself would not be counted.
    const room = new LRUCache<string, Entry<V>>({
      maxSize: Number.MAX_SAFE_INTEGER,
      sizeCalculation: ({ bytes }) => Math.max(1, bytes),
    });
    this.#byNamespace.set(namespace, room);
    return room;
  }

  #makeRoom(): readonly Entry<V>[] {
    const gone: Entry<V>[] = [];
    while (this.#bytes > this.#most) {
      const oldest = this.#oldestOfFullest();
      if (oldest === undefined) break;
      this.delete(oldest);
      gone.push(oldest);
    }
    this.#evicted += gone.length;
    return gone;
  }

  #oldestOfFullest(): Entry<V> | undefined {
    const fullest = [...this.#byNamespace.values()].reduce<LRUCache<string, Entry<V>> | undefined>(
      (most, room) => (most === undefined || room.calculatedSize > most.calculatedSize ? room : most),
      undefined,
    );
    return fullest?.rvalues().next().value ?? undefined;
  }
}
