import type { CacheFigures } from "../metrics.ts";
import type { EntryKeeper, Forgotten } from "./cache-options.ts";
import { type About, Entries, type Entry, type Listed } from "./entries.ts";

/** How long an entry counts, by `Clock.now`. */
export interface Life {
  /** Until then it is served without asking. */
  readonly freshUntil: number;
  /** From then on it is never served. */
  readonly expiresAt: number;
}

/** The parts that keep entries. */
interface Keeping<V> {
  readonly mostBytes: number;
  readonly keeper?: EntryKeeper<V> | undefined;
  /** A dropped entry could not be removed from where it is kept. */
  readonly dropFailed: (error: unknown) => void;
}

/** Entries in memory and, where there is a keeper, beyond the process: what is dropped here is dropped there. */
export class KeptEntries<V> {
  readonly #entries: Entries<V>;
  readonly #parts: Keeping<V>;
  #removed: () => void = () => undefined;

  constructor(parts: Keeping<V>) {
    this.#parts = parts;
    this.#entries = new Entries(parts.mostBytes);
  }

  /** How many they are, and their bytes. */
  get figures(): Pick<CacheFigures, "entries" | "bytes" | "evicted" | "pending"> {
    const { size: entries, bytes, evicted, pending } = this.#entries;
    return { entries, bytes, evicted, pending };
  }

  /** Calls `listener` whenever entries are not kept any more, other than for newer ones in their place. */
  onRemoval(listener: () => void): void {
    this.#removed = listener;
  }

  get(key: string, namespace: string): Entry<V> | undefined {
    return this.#entries.get(key, namespace);
  }

  /** All of them for people: what each is, never its value. */
  list(now: number, hitsOf: (entry: Entry<V>) => number): readonly Listed[] {
    return this.#entries.list(now, hitsOf);
  }

  /** The entries that fit, in no order. */
  which(fits: (about: About) => boolean): readonly Entry<V>[] {
    return this.#entries.all().filter(({ about }) => fits(about));
  }

  /** Takes an entry that an earlier process kept, unless this one has fetched a newer one meanwhile. */
  async restore(entry: Entry<V>): Promise<void> {
    const newer = this.#entries.get(entry.key, entry.about.namespace);
    if (newer === undefined || newer.fetchedAt < entry.fetchedAt) await this.#unkeep(this.#entries.set(entry));
    else await this.#parts.keeper?.save(newer);
  }

  /** Has what is kept beyond the process, and could not be read yet, not come back. */
  async forget(what: Forgotten): Promise<void> {
    const { keeper, dropFailed } = this.#parts;
    await keeper?.forget?.(what).catch(dropFailed);
  }

  /**
   * Keeps an entry; one that turned out to be a pod's takes the place of the shared one by `key`. Saves it beyond the process
   * only if it is kept here too: no other could be found to be dropped.
   */
  async keep(entry: Entry<V>, key: string): Promise<void> {
    const shared = entry.key === key ? undefined : this.#entries.get(key, entry.about.namespace);
    if (shared !== undefined) this.#entries.delete(shared);
    const gone = this.#entries.set(entry);
    const saved = gone.includes(entry) ? undefined : this.#parts.keeper?.save(entry);
    await Promise.all([saved, this.#unkeep(shared === undefined ? gone : [shared, ...gone])]);
  }

  /** Gives an entry another life, wherever it is kept. False where it is not kept any more. */
  async prolong(key: string, namespace: string, life: Life): Promise<boolean> {
    const entry = this.#entries.get(key, namespace);
    if (entry === undefined) return false;
    const prolonged = { ...entry, ...life };
    this.#entries.replace(prolonged);
    await this.#parts.keeper?.save(prolonged);
    return true;
  }

  /** Makes entries stale by `now`, and keeps them for an outage. Gives how many there were. */
  expire(fits: (about: About) => boolean, now: number): number {
    this.#removed();
    const expired = this.which(fits);
    for (const entry of expired) this.#entries.replace({ ...entry, freshUntil: now });
    return expired.length;
  }

  /** Forgets entries, from memory first and all at once: none is served while others are removed from where they are kept. */
  async remove(entries: readonly Entry<V>[]): Promise<void> {
    for (const entry of entries) this.#entries.delete(entry);
    await this.#unkeep(entries);
  }

  async #unkeep(entries: readonly Entry<V>[]): Promise<void> {
    const { keeper, dropFailed } = this.#parts;
    if (entries.length > 0) this.#removed();
    // Whoever asked hears what the store said; the operator hears that the directory must be emptied.
    await Promise.all(entries.map(async ({ key }) => await keeper?.drop(key).catch(dropFailed)));
  }
}
