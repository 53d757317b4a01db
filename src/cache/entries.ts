import { Shares } from "./shares.ts";

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
  /** An older value that volumes which had been mounted by `since` may still get, each until its own time (`spread.ts`). */
  readonly held?: Held<V> | undefined;
  /** A newer value is there, but its target refuses it: since the first refusal (`Ask.verify`). */
  readonly pending?: { readonly since: number } | undefined;
}

/** An older value, with the time of its own last fetch. By `until` every volume has taken the newer one. */
export interface Held<V> {
  readonly value: V;
  readonly fetchedAt: number;
  readonly since: number;
  readonly until: number;
}

/** The description of an entry: in words for the operator, and exactly for what looks for it. */
export interface About {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly store: string;
  /** The ref in the store's words. */
  readonly name: string;
  /** Hash of the ref: two refs of one name (another version, another method, another body) differ here. */
  readonly ref: string;
  /** The store's address, for people. */
  readonly place: string;
  /** Where it was asked, and under which settings, so that what fails there fails together: one breaker each. */
  readonly endpoint: string;
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
  readonly #shares: Shares<Entry<V>>;
  #evicted = 0;
  #sweepAt = Number.NEGATIVE_INFINITY;

  constructor(mostBytes: number) {
    this.#most = mostBytes;
    this.#shares = new Shares(mostBytes);
  }

  /** The memory that all entries take together, in bytes. */
  get bytes(): number {
    return this.#shares.bytes;
  }

  /** How many they are. */
  get size(): number {
    return this.#shares.size;
  }

  /** How many were pushed out so far. */
  get evicted(): number {
    return this.#evicted;
  }

  /** How many have a newer value that its target refuses. */
  get pending(): number {
    return this.#shares.all().reduce((count, { pending }) => count + (pending === undefined ? 0 : 1), 0);
  }

  get(key: string, namespace: string): Entry<V> | undefined {
    return this.#shares.get(namespace, key);
  }

  /**
   * Keeps an entry in place of an older one, unless it is larger than the whole bound. Gives the entries that are not kept
   * any more: issued ones that have expired, what was pushed out, or the entry itself.
   */
  set(entry: Entry<V>): readonly Entry<V>[] {
    this.delete(entry);
    const expired = this.#deleteExpired(entry.fetchedAt);
    if (entry.bytes > this.#most) return [...expired, entry];
    this.#shares.add(entry.about.namespace, entry);
    const gone = this.#shares.makeRoom();
    this.#evicted += gone.length;
    return [...expired, ...gone];
  }

  delete({ key, about: { namespace } }: Pick<Entry<V>, "key" | "about">): boolean {
    return this.#shares.delete(namespace, key) !== undefined;
  }

  /** All of them for people: what each is, never its value. */
  list(now: number, hitsOf: (entry: Entry<V>) => number): readonly Listed[] {
    return this.all().map((entry) => {
      const { about, bytes, issued, fetchedAt } = entry;
      return { about, bytes, issued, ageMs: now - fetchedAt, hits: hitsOf(entry) };
    });
  }

  /**
   * Puts an entry of the same size in the place of the one by its key. Not as new entries come: those sweep what has ended, and
   * whoever keeps it elsewhere would not hear of it.
   */
  replace(entry: Entry<V>): void {
    this.#shares.replace(entry.about.namespace, entry);
  }

  /** All of them, in no order. */
  all(): readonly Entry<V>[] {
    return this.#shares.all();
  }

  #deleteExpired(now: number): readonly Entry<V>[] {
    if (now < this.#sweepAt) return [];
    this.#sweepAt = now + sweepEvery;
    const expired = this.#shares.expired(now);
    for (const entry of expired) this.delete(entry);
    return expired;
  }
}
