import { LRUCache } from "lru-cache";
import type { Redacted } from "../../redacted.ts";
import { inTime } from "../in-time.ts";

/** An access token, and when it is to be replaced. Never print one. */
export interface AccessToken {
  readonly text: Redacted<string>;
  /** In milliseconds since the epoch: when a fifth of its life is left. */
  readonly replaceAt: number;
}

/** Returns when a token with this many seconds of life is replaced: early, so that no read meets its end. */
export function replaceAt(lifeSeconds: number, now: number): number {
  return now + lifeSeconds * 1_000 * 0.8;
}

/** A login that is under way, and whose time it takes. */
interface Coming {
  readonly token: Promise<AccessToken>;
  readonly signal: AbortSignal;
}

/**
 * Access tokens by principal and audience: two vaults, or a session that is opened again, need no second login. A login ends
 * with its asker's time; who joined it and has time left starts another.
 */
export class KeptTokens {
  readonly #now: () => number;
  readonly #tokens = new LRUCache<string, AccessToken>({ max: 5_000 });
  readonly #coming = new Map<string, Coming>();

  /** `now` in milliseconds since the epoch. */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** The token of a key, by `ask` where there is none or it is old. Throws what `ask` throws. */
  async get(key: string, signal: AbortSignal, ask: () => Promise<AccessToken>): Promise<AccessToken> {
    const known = this.#tokens.get(key);
    if (known !== undefined && known.replaceAt > this.#now()) return known;
    const coming = this.#coming.get(key);
    if (coming === undefined || coming.signal.aborted) return await this.#ask(key, signal, ask);
    try {
      return await inTime(() => coming.token, signal, "the login");
    } catch (thrown) {
      if (!coming.signal.aborted || signal.aborted) throw thrown;
      return await this.get(key, signal, ask);
    }
  }

  /** Forgets a token that was refused. */
  drop(key: string, token: AccessToken): void {
    if (this.#tokens.peek(key) === token) this.#tokens.delete(key);
  }

  async #ask(key: string, signal: AbortSignal, ask: () => Promise<AccessToken>): Promise<AccessToken> {
    const coming = { token: ask(), signal };
    this.#coming.set(key, coming);
    try {
      const token = await coming.token;
      this.#tokens.set(key, token);
      return token;
    } finally {
      if (this.#coming.get(key) === coming) this.#coming.delete(key);
    }
  }
}
