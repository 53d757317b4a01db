import { ProviderError } from "../errors.ts";
import type { Secret } from "../stores/store.ts";
import type { Answered } from "./sources.ts";

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

  /** Adds the secret of an answer, once; gives the answer. Has to be called before whoever waits for it goes on. */
  weigh(answered: Answered): Answered {
    const { value: secret } = answered;
    this.#weighed ??= new Set();
    if (this.#weighed.has(secret)) return answered;
    this.#weighed.add(secret);
    this.#bytes += (secret.envelope ?? secret.value).reveal().length;
    if (this.#bytes <= this.#most) return answered;
    this.#broken?.reject(
      new ProviderError("LK0005", `the secrets of this volume have more than ${this.#most} bytes`, {
        fix: "mount fewer or smaller secrets in one volume",
      }),
    );
    return answered;
  }
}
