import { LRUCache } from "lru-cache";
import { ProviderError } from "../../errors.ts";

/** So long a vault is left alone that throttles and does not say how long, in milliseconds. */
const usualWait = 1_000;

/** No answer holds a vault back for longer, in milliseconds: it is asked again to learn. */
const longestWait = 60_000;

/**
 * The vaults that asked for fewer calls. A vault counts the calls of all its callers together
 * (https://learn.microsoft.com/en-us/azure/key-vault/general/service-limits), so what it tells one is heeded by all.
 */
export class VaultBackOff {
  readonly #now: () => number;
  readonly #until = new LRUCache<string, number>({ max: 1_000 });

  /** `now` in milliseconds, never backwards. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Throws `LK0031` while the vault is to be left alone. */
  check(vault: string): void {
    const left = (this.#until.get(vault) ?? Number.NEGATIVE_INFINITY) - this.#now();
    if (left <= 0) return;
    throw new ProviderError("LK0031", `${vault} asked for fewer calls, and is left alone for another ${told(left)}`, {
      storeCode: "429",
      retryAfterMs: left,
      fix: throttleFix,
    });
  }

  /** Notes that the vault throttles; `retryAfterMs` as it said. */
  note(vault: string, retryAfterMs = usualWait): void {
    const until = this.#now() + Math.min(retryAfterMs, longestWait);
    this.#until.set(vault, Math.max(until, this.#until.get(vault) ?? 0));
  }
}

function told(ms: number): string {
  return `${Math.ceil(ms / 1_000)} s`;
}

/** The fix for a vault that throttles. */
export const throttleFix =
  "raise --refresh, or spread the secrets over several vaults: a vault takes 4,000 calls in 10 seconds from all its callers together";
