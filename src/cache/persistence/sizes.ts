import { Shares } from "../shares.ts";

interface SizedFile {
  readonly key: string;
  readonly bytes: number;
  readonly issued: false;
}

/** Sizes of the files within a bound, a share for each namespace as in memory, oldest first. */
export class Sizes {
  readonly #most: number;
  readonly #shares: Shares<SizedFile>;
  readonly #owners = new Map<string, string>();

  constructor(mostBytes: number) {
    this.#most = mostBytes;
    this.#shares = new Shares(mostBytes);
  }

  get total(): number {
    return this.#shares.bytes;
  }

  get count(): number {
    return this.#owners.size;
  }

  has(name: string): boolean {
    return this.#owners.has(name);
  }

  delete(name: string): void {
    const owner = this.#owners.get(name);
    if (owner !== undefined) this.#shares.delete(owner, name);
    this.#owners.delete(name);
  }

  /**
   * Counts a file as its namespace's newest. Gives the names that have to go for it, which are no longer counted: the oldest of
   * the namespace that holds most, or its own if it is larger than the whole bound.
   */
  add(name: string, size: number, owner: string): readonly string[] {
    this.delete(name);
    if (size > this.#most) return [name];
    this.#owners.set(name, owner);
    this.#shares.add(owner, { key: name, bytes: size, issued: false });
    const gone = this.#shares.makeRoom().map(({ key }) => key);
    for (const each of gone) this.#owners.delete(each);
    return gone;
  }
}
