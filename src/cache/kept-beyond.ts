import type { CacheOptions, Forgotten } from "./cache-options.ts";
import type { Entry } from "./entries.ts";

/**
 * Entries as they are kept beyond the process's life, if they are. Nothing here throws: whoever asked hears what the store
 * said, and the operator hears that the directory must be emptied.
 */
export class KeptBeyond<V> {
  readonly #options: Pick<CacheOptions<V>, "keeper" | "dropFailed">;

  constructor(options: Pick<CacheOptions<V>, "keeper" | "dropFailed">) {
    this.#options = options;
  }

  async save(entry: Entry<V>): Promise<void> {
    await this.#options.keeper?.save(entry);
  }

  async drop(entries: readonly Entry<V>[]): Promise<void> {
    const { keeper, dropFailed } = this.#options;
    await Promise.all(entries.map(async ({ key }) => await keeper?.drop(key).catch(dropFailed)));
  }

  /** Of what could not be read yet. */
  async forget(what: Forgotten): Promise<void> {
    const { keeper, dropFailed } = this.#options;
    await keeper?.forget?.(what).catch(dropFailed);
  }
}
