import { LRUCache } from "lru-cache";
import type { ProviderError } from "../errors.ts";

interface Denial {
  readonly error: ProviderError;
  /** By `Clock.now`. */
  readonly until: number;
}

/** Memory for remembered denials, in bytes: a store decides how long its texts are. */
const mostBytes = 4 * 1024 ** 2;

/** Bookkeeping of one beside its texts, roughly. */
const overhead = 512;

/** The denials that are answered without asking again, each for its time; the ones asked for least lately make room. */
export class Denials {
  readonly #known = new LRUCache<string, Denial>({ maxSize: mostBytes, sizeCalculation: bytesOf });

  /** Throws the error that is remembered for a key, unless its time is over. */
  throwIfRemembered(key: string, now: number): void {
    const denial = this.#known.get(key);
    if (denial !== undefined && now < denial.until) throw denial.error;
  }

  /** Remembers the denial of a key. */
  set(key: string, denial: Denial): void {
    this.#known.set(key, denial);
  }

  /** Forgets that of a key. */
  delete(key: string): void {
    this.#known.delete(key);
  }

  /** Forgets all. */
  clear(): void {
    this.#known.clear();
  }
}

/** Two bytes a character, as texts beyond Latin-1 take. */
function bytesOf({ error }: Denial, key: string): number {
  const texts = error.singles.map((single) => single.describe().length);
  return overhead + 2 * (key.length + texts.reduce((sum, length) => sum + length, 0));
}
