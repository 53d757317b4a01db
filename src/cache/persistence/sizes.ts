/** Sizes of the files within a bound, oldest first. */
export class Sizes {
  readonly #most: number;
  readonly #sizes = new Map<string, number>();
  #total = 0;

  constructor(mostBytes: number) {
    this.#most = mostBytes;
  }

  get total(): number {
    return this.#total;
  }

  get count(): number {
    return this.#sizes.size;
  }

  has(name: string): boolean {
    return this.#sizes.has(name);
  }

  delete(name: string): void {
    this.#total -= this.#sizes.get(name) ?? 0;
    this.#sizes.delete(name);
  }

  /**
   * Counts a file as the newest. Gives the names that have to go for it, which are no longer counted: the oldest ones,
   * or its own where it is larger than the whole bound.
   */
  add(name: string, size: number): readonly string[] {
    this.delete(name);
    if (size > this.#most) return [name];
    this.#sizes.set(name, size);
    this.#total += size;
    const gone: string[] = [];
    for (const oldest of this.#sizes.keys()) {
      if (this.#total <= this.#most) break;
      this.delete(oldest);
      gone.push(oldest);
    }
    return gone;
  }
}
