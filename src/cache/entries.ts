import { Room } from "./room.ts";

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
  /** The store made it for one asker. One that expires is the last that its namespace loses. */
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

/** How often issued answers that have expired are looked for, in milliseconds: their pods may be gone. */
const sweepEvery = 1_000;

/**
 * Entries within a bound of bytes. Where it is passed, the namespace that holds most loses what it used least lately, so
 * that one that floods pushes out nobody else's. What was issued and expires goes after all else of its namespace.
 */
export class Entries<V> {
  readonly #most: number;
  readonly #rooms = new Map<string, Room<Entry<V>>>();
  #bytes = 0;
  #evicted = 0;
  #sweepAt = Number.NEGATIVE_INFINITY;

  constructor(mostBytes: number) {
    this.#most = mostBytes;
  }

  /** The memory that all entries take together, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many they are. */
  get size(): number {
    let size = 0;
    for (const room of this.#rooms.values()) size += room.size;
    return size;
  }

  /** How many were pushed out so far. */
  get evicted(): number {
    return this.#evicted;
  }

  get(key: string, namespace: string): Entry<V> | undefined {
    return this.#rooms.get(namespace)?.get(key);
  }

  /**
   * Keeps an entry in place of an older one, unless it is larger than the whole bound. Gives the entries that are not kept
   * any more: issued ones that have expired, what was pushed out, or the entry itself.
   */
  set(entry: Entry<V>): readonly Entry<V>[] {
    this.delete(entry);
    const gone = this.#deleteExpired(entry.fetchedAt);
    if (entry.bytes > this.#most) return [...gone, entry];
    this.#room(entry.about.namespace).add(entry);
    this.#bytes += entry.bytes;
    return [...gone, ...this.#makeRoom()];
  }

  delete({ key, about: { namespace } }: Pick<Entry<V>, "key" | "about">): boolean {
    const room = this.#rooms.get(namespace);
    const entry = room?.delete(key);
    if (room === undefined || entry === undefined) return false;
    if (room.size === 0) this.#rooms.delete(namespace);
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
    return [...this.#rooms.values()].flatMap((room) => room.all());
  }

  #deleteExpired(now: number): readonly Entry<V>[] {
    if (now < this.#sweepAt) return [];
    this.#sweepAt = now + sweepEvery;
    const expired = [...this.#rooms.values()].flatMap((room) => room.expired(now));
    for (const entry of expired) this.delete(entry);
    return expired;
  }

  #room(namespace: string): Room<Entry<V>> {
    const known = this.#rooms.get(namespace);
    if (known !== undefined) return known;
    const room = new Room<Entry<V>>();
    this.#rooms.set(namespace, room);
    return room;
  }

  #makeRoom(): readonly Entry<V>[] {
    const gone: Entry<V>[] = [];
    while (this.#bytes > this.#most) {
      const first = this.#fullest()?.firstToGo();
      if (first === undefined) break;
      this.delete(first);
      gone.push(first);
    }
    this.#evicted += gone.length;
    return gone;
  }

  #fullest(): Room<Entry<V>> | undefined {
    let fullest: Room<Entry<V>> | undefined;
    for (const room of this.#rooms.values()) if (room.bytes > (fullest?.bytes ?? -1)) fullest = room;
    return fullest;
  }
}
