import type { Entry } from "../entries.ts";
import { flawOf } from "./bad-file.ts";
import { splitEntry } from "./codec.ts";
import type { CacheDirectory } from "./directory.ts";
import type { Keeper, KeeperOptions, KeeperStats } from "./keeper.ts";
import { type FlawedFile, loadAll } from "./load.ts";
import { SealedFiles } from "./sealed-files.ts";
import type { Sealer } from "./sealer.ts";
import { type Header, readStored, type Stamp, type Stored, writeStored } from "./stored.ts";
import { Tally } from "./tally.ts";
import { type Present, Timeline } from "./timeline.ts";

/** Between two writes of the clock's mark, in milliseconds. */
const markEvery = 60_000;

/** A record that holds nothing but its stamp: how far the clocks have come. */
const clockMark = "clock";

/** One file's id, and the namespace that it belongs to, if it belongs to one. */
interface Kept {
  readonly id: string;
  readonly owner: string | undefined;
}

/** A `Keeper` of one file an entry. Create it with `openKeeper`. */
export class FileKeeper<V> implements Keeper<V> {
  readonly #options: KeeperOptions<V>;
  readonly #directory: CacheDirectory;
  readonly #sealer: Sealer;
  readonly #tally: Tally;
  readonly #files: SealedFiles;
  #highestWall = 0;
  #nextMark = Number.POSITIVE_INFINITY;

  constructor(options: KeeperOptions<V>, directory: CacheDirectory, sealer: Sealer) {
    this.#options = options;
    this.#directory = directory;
    this.#sealer = sealer;
    this.#tally = new Tally(options.clock, options.log);
    this.#files = new SealedFiles(directory, this.#tally, options.mostBytes);
  }

  async load(): Promise<readonly Entry<V>[]> {
    // What is asked for while files are read is newer than what they held.
    const asked = this.#files.watch();
    const { good, flawed, highestWall } = await this.#readAll();
    this.#highestWall = highestWall;
    const entries = good.filter(({ name, entry }) => entry !== undefined && !asked.has(name));
    for (const { name, size, entry } of entries) await this.#files.adopt(name, size, entry?.about.namespace ?? "");
    await Promise.all(flawed.filter(({ name }) => !asked.has(name)).map((file) => this.#discard(file)));
    await this.#mark(this.#options.clock.now());
    const { entries: count, bytes } = this.#files.kept;
    this.#tally.loaded(count, bytes);
    return entries.flatMap(({ name, entry }) => (entry !== undefined && this.#files.has(name) ? [entry] : []));
  }

  async save(entry: Entry<V>): Promise<void> {
    await this.#put("entry", { id: entry.key, owner: entry.about.namespace }, (stamp) => {
      const { header, body } = splitEntry(entry, this.#options.codec);
      return { header: { kind: "entry", stamp, entry: header }, body };
    });
    await this.#mark(this.#nextMark);
  }

  async drop(key: string): Promise<void> {
    await this.#files.erase(this.#sealer.nameOf("entry", key));
    this.#tally.dropped += 1;
  }

  saveRecord(record: string, bytes: Uint8Array): Promise<void> {
    return this.#put("record", { id: record, owner: undefined }, (stamp) => ({
      header: { kind: "record", stamp, record },
      body: bytes,
    }));
  }

  async loadRecord(record: string): Promise<Uint8Array | undefined> {
    const name = this.#sealer.nameOf("record", record);
    try {
      const contents = await this.#files.read(name);
      if (contents === undefined) return undefined;
      const { header, body } = readStored(this.#sealer, name, contents);
      new Timeline(this.#present(), [header.stamp], this.#options.allowDisk).savedAt(header.stamp);
      return body;
    } catch (error) {
      await this.#discard({ name, flaw: flawOf(error) });
      return undefined;
    }
  }

  stats(): KeeperStats {
    const { saved, dropped, evicted, failed, flawed, disabled } = this.#tally;
    return { ...this.#files.kept, saved, dropped, evicted, failed, flawed: new Map(flawed), disabled };
  }

  async close(): Promise<void> {
    if (this.#nextMark < Number.POSITIVE_INFINITY) await this.#mark(this.#options.clock.now());
    await this.#files.close();
  }

  #readAll() {
    const { mostBytes, allowDisk: acrossBoots, codec } = this.#options;
    const source = { directory: this.#directory, sealer: this.#sealer, mostBytes, acrossBoots, codec };
    return loadAll<V>(source, () => this.#present());
  }

  #put(kind: Header["kind"], { id, owner }: Kept, make: (stamp: Stamp) => Stored): Promise<void> {
    const contents = () => writeStored(this.#sealer, make(this.#stamp()));
    return this.#files.put({ name: this.#sealer.nameOf(kind, id), contents, owner });
  }

  /** A file that cannot be erased is unusable still; that nothing more is kept then is logged. */
  async #discard({ name, flaw, left }: FlawedFile): Promise<void> {
    this.#tally.addFlaw(flaw);
    if (left !== true) await this.#files.erase(name).catch(() => undefined);
  }

  /** Remembers, from time to time, how late it is, so that the next boot can tell whether its clock stepped back. */
  async #mark(due: number): Promise<void> {
    const now = this.#options.clock.now();
    if (!this.#options.allowDisk || now < due) return;
    this.#nextMark = now + markEvery;
    await this.saveRecord(clockMark, new Uint8Array());
  }

  #stamp(): Stamp {
    const { boot, now, wall } = this.#present();
    this.#highestWall = Math.max(this.#highestWall, wall);
    return { boot, savedAt: now, savedWall: wall, highestWall: this.#highestWall };
  }

  #present(): Present {
    const { clock, bootId } = this.#options;
    return { boot: bootId, now: clock.now(), wall: clock.wall() };
  }
}
