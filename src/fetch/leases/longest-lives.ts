import { LRUCache } from "lru-cache";

/** The longest life of what a store issues for one ref, as a renewal has shown it, in milliseconds. */
export class LongestLives {
  readonly #known = new LRUCache<string, number>({ max: 1_000 });

  /** Remembers it for all pods that ask by this key. */
  learn(sharedKey: string, life: number): void {
    this.#known.set(sharedKey, life);
  }

  /** Returns when an answer of `issuedAt` ends at the latest; undefined where that is not known. */
  endOf(sharedKey: string, issuedAt: number): number | undefined {
    const life = this.#known.get(sharedKey);
    return life === undefined ? undefined : issuedAt + life;
  }
}
