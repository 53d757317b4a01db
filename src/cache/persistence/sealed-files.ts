import pLimit from "p-limit";
import { type CacheDirectory, codeOf } from "./directory.ts";
import { DropError } from "./drop-error.ts";
import { Sizes } from "./sizes.ts";
import type { Tally } from "./tally.ts";
import { Turns } from "./turns.ts";

/** Files written at once: more would only hold more descriptors. */
const atOnce = 8;

/** A file to be written. */
export interface FileToPut {
  readonly name: string;
  /** Called when its turn comes, if it still is the newest for that name. */
  readonly contents: () => Uint8Array;
  /** The namespace in whose share it counts, and may be evicted; undefined if it is nobody's and stays. */
  readonly owner: string | undefined;
}

/**
 * The files of a cache directory, in order for each name and within the bound. A file that should have been replaced
 * and could not be is erased, so that what stands there is never behind what was asked for.
 */
export class SealedFiles {
  readonly #directory: CacheDirectory;
  readonly #tally: Tally;
  readonly #mostBytes: number;
  readonly #sizes: Sizes;
  readonly #turns = new Turns();
  readonly #limit = pLimit(atOnce);
  readonly #pending = new Set<Promise<unknown>>();
  #asked: Set<string> | undefined;
  #closed = false;

  constructor(directory: CacheDirectory, tally: Tally, mostBytes: number) {
    this.#directory = directory;
    this.#tally = tally;
    this.#mostBytes = mostBytes;
    this.#sizes = new Sizes(mostBytes);
  }

  /** How many evictable files there are, and their bytes. */
  get kept(): { readonly entries: number; readonly bytes: number } {
    return { entries: this.#sizes.count, bytes: this.#sizes.total };
  }

  has(name: string): boolean {
    return this.#sizes.has(name);
  }

  /** A set that fills with the names that something is asked for from now on. */
  watch(): ReadonlySet<string> {
    this.#asked = new Set();
    return this.#asked;
  }

  /** Counts an evictable file that is there already as the newest. */
  adopt(name: string, size: number, owner: string): Promise<void> {
    return this.#evict(this.#sizes.add(name, size, owner));
  }

  /** Writes a file unless something newer is asked for that name meanwhile. Never rejects. */
  async put(file: FileToPut): Promise<void> {
    if (this.#closed) return;
    const turn = this.#take(file.name);
    const isNewest = () => this.#turns.isNewest(file.name, turn);
    await this.#track(this.#limit(() => this.#write(file, isNewest)));
    this.#turns.release(file.name, turn);
  }

  /** Erases a file for good, and whatever was asked to be written there before. Throws `DropError`. */
  async erase(name: string): Promise<void> {
    if (this.#closed) throw new DropError("closed");
    const turn = this.#take(name);
    this.#sizes.delete(name);
    try {
      await this.#track(this.#turns.alone(name, () => this.#directory.erase(name)));
    } catch (error) {
      this.#tally.disable("drop-failed", codeOf(error));
      throw new DropError(codeOf(error));
    } finally {
      this.#turns.release(name, turn);
    }
  }

  /** Contents of a file, once what was asked for it before is done. Throws what reading throws. */
  async read(name: string): Promise<Buffer | undefined> {
    if (this.#closed) return undefined;
    return this.#track(this.#turns.alone(name, () => this.#directory.read(name, this.#mostBytes)));
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    while (this.#pending.size > 0) await Promise.allSettled(this.#pending);
    await this.#directory.close();
  }

  #take(name: string): symbol {
    this.#asked?.add(name);
    return this.#turns.take(name);
  }

  async #write({ name, contents, owner }: FileToPut, isNewest: () => boolean): Promise<void> {
    if (!isNewest()) return;
    const bytes = this.#make(contents);
    if (bytes === undefined) this.#sizes.delete(name);
    else if (owner !== undefined) await this.#evict(this.#sizes.add(name, bytes.length, owner));
    await this.#turns.alone(name, async () => {
      if (!isNewest()) return;
      if (bytes === undefined) await this.#clear(name);
      else if (owner === undefined || this.#sizes.has(name)) await this.#replace(name, bytes);
    });
  }

  /** Undefined where there is nothing to write. What a codec throws may quote a value: nothing of it is kept. */
  #make(contents: () => Uint8Array): Uint8Array | undefined {
    if (this.#tally.disabled !== undefined) return undefined;
    try {
      const bytes = contents();
      if (bytes.length <= this.#mostBytes) return bytes;
      this.#tally.addFailure("oversize");
    } catch {
      this.#tally.addFailure("codec");
    }
    return undefined;
  }

  async #replace(name: string, bytes: Uint8Array): Promise<void> {
    try {
      if (await this.#directory.isOwned()) {
        await this.#directory.put(name, bytes);
        this.#tally.saved += 1;
        return;
      }
      this.#tally.disable("taken-over");
    } catch (error) {
      this.#tally.addFailure(codeOf(error));
    }
    this.#sizes.delete(name);
    await this.#clear(name);
  }

  async #evict(names: readonly string[]): Promise<void> {
    this.#tally.evicted += names.length;
    for (const name of names) {
      await this.#turns.alone(name, async () => {
        if (!this.#sizes.has(name)) await this.#clear(name);
      });
    }
  }

  /** Erases what is superseded. What stands in a directory that another process took over is that one's. */
  async #clear(name: string): Promise<void> {
    if (this.#tally.disabled === "taken-over") return;
    await this.#directory.erase(name).catch((error: unknown) => this.#tally.disable("drop-failed", codeOf(error)));
  }

  async #track<T>(work: Promise<T>): Promise<T> {
    this.#pending.add(work);
    try {
      return await work;
    } finally {
      this.#pending.delete(work);
    }
  }
}
