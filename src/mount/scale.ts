import { ProviderError } from "../errors.ts";
import type { Secret } from "../stores/store.ts";

/** Weighs what a mount holds of what was fetched for it; costs nothing where all was in the cache. */
export class Scale {
  readonly #most: number;
  #weighed: Set<Secret> | undefined;
  #broken: PromiseWithResolvers<never> | undefined;
  #bytes = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Rejects with `LK0005` when it is too much. */
  get broken(): Promise<never> {
    this.#broken ??= Promise.withResolvers<never>();
    return this.#broken.promise;
  }

  /** Adds a secret, once. Has to be called before whoever waits for it goes on. */
  add(secret: Secret): void {
    this.#weighed ??= new Set();
    if (this.#weighed.has(secret)) return;
    this.#weighed.add(secret);
    this.#bytes += (secret.envelope ?? secret.value).reveal().length;
    if (this.#bytes <= this.#most) return;
    this.#broken?.reject(
      new ProviderError("LK0005", `the secrets of this volume have more than ${this.#most} bytes`, {
        fix: "mount fewer or smaller secrets in one volume",
      }),
    );
  }
}
