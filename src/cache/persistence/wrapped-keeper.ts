import { ConfigError } from "../../config/config-error.ts";
import { errorName, ProviderError } from "../../errors.ts";
import { Redacted } from "../../redacted.ts";
import type { Forgotten } from "../cache-options.ts";
import type { Entry } from "../entries.ts";
import { sharedKey } from "../keys.ts";
import { type CacheDirectory, codeOf, openDirectory } from "./directory.ts";
import { DropError } from "./drop-error.ts";
import { FileKeeper } from "./file-keeper.ts";
import type { Keeper, KeeperOptions, KeeperStats } from "./keeper.ts";
import type { KeyWrap } from "./key-wrap.ts";
import { Sealer } from "./sealer.ts";
import { directoryKey, forgottenFile } from "./wrapped-key.ts";

/** Between two tries to unwrap the key, in milliseconds; doubled up to the longest. */
const firstWait = 1_000;
const longestWait = 60_000;

type Options<V> = Omit<KeeperOptions<V>, "key">;

/**
 * A keeper whose key a key service unwraps. Until it has, nothing is read and nothing is kept; what is forgotten meanwhile is
 * noted beside the entries, so that no later process restores it.
 */
export class WrappedKeeper<V> implements Keeper<V> {
  readonly #options: Options<V>;
  readonly #directory: CacheDirectory;
  readonly #wrap: KeyWrap;
  readonly #records = new Map<string, Uint8Array>();
  readonly #forgotten: Forgotten[] = [];
  #loaded: readonly Entry<V>[] = [];
  #inner: FileKeeper<V> | undefined;
  #late: (entries: readonly Entry<V>[]) => Promise<void> = async () => undefined;
  #cancel: () => void = () => undefined;
  #trying: Promise<void> = Promise.resolve();
  #closed = false;

  private constructor(options: Options<V>, directory: CacheDirectory, wrap: KeyWrap) {
    this.#options = options;
    this.#directory = directory;
    this.#wrap = wrap;
  }

  /** Opens the directory, and tries once to unwrap its key. Throws `ConfigError` where the directory is no good. */
  static async open<V>(options: Options<V>, wrap: KeyWrap): Promise<WrappedKeeper<V>> {
    const keeper = new WrappedKeeper(options, await openDirectory(options.directory, options.allowDisk), wrap);
    try {
      await keeper.#unlock();
    } catch (thrown) {
      const cause = causeOf(thrown);
      options.log.warn({ wrap: wrap.name, cause }, "the cache is not read: its key is not unwrapped yet");
      keeper.#tryLater(firstWait);
    }
    return keeper;
  }

  /** Calls `listener` with what an earlier process kept, if its key is unwrapped after `load`. */
  onLateLoad(listener: (entries: readonly Entry<V>[]) => Promise<void>): void {
    this.#late = listener;
  }

  async load(): Promise<readonly Entry<V>[]> {
    return this.#loaded;
  }

  async save(entry: Entry<V>): Promise<void> {
    await this.#inner?.save(entry);
  }

  async drop(key: string): Promise<void> {
    if (this.#inner === undefined) await this.forget({ key });
    else await this.#inner.drop(key);
  }

  /** Notes beside the entries what is not to come back: settles when no later process can restore it. */
  async forget(what: Forgotten): Promise<void> {
    if (this.#inner !== undefined) return;
    this.#forgotten.push(what);
    try {
      await this.#directory.put(forgottenFile, Buffer.from(JSON.stringify(this.#forgotten)));
    } catch (error) {
      throw new DropError(codeOf(error));
    }
  }

  async saveRecord(name: string, bytes: Uint8Array): Promise<void> {
    if (this.#inner !== undefined) await this.#inner.saveRecord(name, bytes);
    else this.#records.set(name, bytes);
  }

  async loadRecord(name: string): Promise<Uint8Array | undefined> {
    return this.#inner === undefined ? this.#records.get(name) : await this.#inner.loadRecord(name);
  }

  stats(): KeeperStats {
    return this.#inner?.stats() ?? none;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel();
    await this.#trying;
    await (this.#inner ?? this.#directory).close();
  }

  #tryLater(wait: number): void {
    if (this.#closed) return;
    this.#cancel = this.#options.clock.after(wait, () => {
      this.#trying = this.#tryNow(wait);
    });
  }

  async #tryNow(wait: number): Promise<void> {
    try {
      await this.#unlock();
    } catch {
      // Told once, at the start.
      this.#tryLater(Math.min(2 * wait, longestWait));
      return;
    }
    await this.#late(this.#loaded);
    const entries = this.#loaded.length;
    this.#options.log.info({ wrap: this.#wrap.name, entries }, "the cache is read: its key is unwrapped");
  }

  async #unlock(): Promise<void> {
    if (this.#forgotten.length === 0) this.#forgotten.push(...(await this.#noted()));
    const bytes = await directoryKey(this.#directory, this.#wrap);
    const key = new Redacted<Uint8Array>(bytes);
    const inner = new FileKeeper({ ...this.#options, key }, this.#directory, new Sealer(bytes));
    const entries = await inner.load();
    // More can be forgotten while the others are dropped; from the last look on it is the inner one that drops.
    const dropped = new Set<Entry<V>>();
    for (let at = 0; at < this.#forgotten.length; at += 1) {
      const gone = entries.filter((entry) => !dropped.has(entry) && isMeant(entry, this.#forgotten[at]));
      for (const entry of gone) {
        dropped.add(entry);
        await inner.drop(entry.key);
      }
    }
    this.#loaded = entries.filter((entry) => !dropped.has(entry));
    this.#inner = inner;
    if (this.#forgotten.length > 0) await this.#directory.erase(forgottenFile);
    for (const [name, record] of this.#records) await inner.saveRecord(name, record);
  }

  async #noted(): Promise<readonly Forgotten[]> {
    const contents = await this.#directory.read(forgottenFile, mostNoted);
    if (contents === undefined) return [];
    try {
      const parsed: unknown = JSON.parse(contents.toString("utf8"));
      if (Array.isArray(parsed)) return parsed;
    } catch (thrown) {
      if (!(thrown instanceof SyntaxError)) throw thrown;
    }
    return [{ all: true }];
  }
}

/** One that was for a pod alone has the key of all before the pod's. */
function isMeant<V>({ key, about }: Entry<V>, what: Forgotten | undefined): boolean {
  if (what === undefined) return false;
  if ("all" in what) return true;
  return "login" in what ? about.login === what.login : sharedKey(key) === sharedKey(what.key);
}

function causeOf(thrown: unknown): string {
  if (thrown instanceof ProviderError) return thrown.describe();
  return thrown instanceof ConfigError ? thrown.message : errorName(thrown);
}

const mostNoted = 64 * 1024 * 1024;

const none: KeeperStats = {
  ...{ entries: 0, bytes: 0, saved: 0, dropped: 0, evicted: 0, failed: 0 },
  flawed: new Map(),
  disabled: undefined,
};
