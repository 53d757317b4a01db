import { z } from "zod";
import { errorName, ProviderError } from "../errors.ts";
import type { Logger } from "../log.ts";
import type { KubernetesApi } from "./api.ts";
import { type IssuerKeys, parseKeys, type TokenKeys } from "./token-keys.ts";

/** Least time between two attempts, in milliseconds: an unknown key id must not become a way to flood the API server. */
const leastInterval = 30_000;

/** Longest that one attempt takes, in milliseconds: a mount waits for it only where a token's key is unknown. */
const longestAttempt = 2_000;

const discovery = z.object({ issuer: z.string().min(1) });

/**
 * The cluster's keys, asked of the API server: `/.well-known/openid-configuration` for the issuer, `/openid/v1/jwks` for
 * the keys, which every service account may read by default
 * (https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#service-account-issuer-discovery).
 * Keys that are known stay known while the API is away.
 */
export class ClusterKeys implements TokenKeys {
  readonly #api: KubernetesApi;
  readonly #log: Logger;
  readonly #now: () => number;
  #known: IssuerKeys | undefined;
  #lastAttempt = Number.NEGATIVE_INFINITY;
  #attempt: Promise<void> | undefined;

  constructor(api: KubernetesApi, log: Logger, now: () => number = () => performance.now()) {
    this.#api = api;
    this.#log = log;
    this.#now = now;
  }

  current(): IssuerKeys | undefined {
    return this.#known;
  }

  async refresh(): Promise<void> {
    if (this.#attempt === undefined && this.#now() - this.#lastAttempt >= leastInterval) {
      this.#lastAttempt = this.#now();
      this.#attempt = this.#ask().finally(() => {
        this.#attempt = undefined;
      });
    }
    await this.#attempt;
  }

  async #ask(): Promise<void> {
    const signal = AbortSignal.timeout(longestAttempt);
    try {
      const [configuration, keys] = await Promise.all([
        this.#api.get("/.well-known/openid-configuration", signal),
        this.#api.get("/openid/v1/jwks", signal),
      ]);
      this.#known = { issuer: discovery.parse(configuration).issuer, keys: parseKeys(JSON.stringify(keys ?? null)) };
    } catch (error) {
      const cause = error instanceof ProviderError ? error.describe() : errorName(error);
      this.#log.warn({ cause }, "the cluster's token keys cannot be read: no token can be proved with new keys");
    }
  }
}
