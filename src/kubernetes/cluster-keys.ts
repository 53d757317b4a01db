import * as z from "zod";
import { errorName, ProviderError } from "../errors.ts";
import type { Logger } from "../log.ts";
import type { KubernetesApi } from "./api.ts";
import type { RecordKeeper } from "./record-keeper.ts";
import { type IssuerKeys, parseKeys, type TokenKeys } from "./token-keys.ts";

/** Least time between two attempts, in milliseconds: an unknown key id must not become a way to flood the API server. */
const leastInterval = 30_000;

/** Longest that one attempt takes, in milliseconds: a mount waits for it only where a token's key is unknown. */
const longestAttempt = 2_000;

/** Without the second one the API server answers 406: keys are a format of their own. */
const keyTypes = "application/json, application/jwk-set+json";

/** Where the keys stand among the cache's records. */
const recordName = "cluster-keys";

/** What the keys are asked with. */
export interface ClusterKeysOptions {
  readonly api: KubernetesApi;
  readonly log: Logger;
  /** The issuer, where the operator names it; otherwise the cluster is asked. */
  readonly issuer?: string | undefined;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Keeps the keys over a restart. */
  readonly keeper?: RecordKeeper | undefined;
}

const discovery = z.object({ issuer: z.string().min(1) });

/**
 * The cluster's keys, asked of the API server: `/.well-known/openid-configuration` for the issuer, `/openid/v1/jwks` for
 * the keys, which every service account may read by default
 * (https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#service-account-issuer-discovery).
 * Keys that are known stay known while the API is away.
 */
export class ClusterKeys implements TokenKeys {
  readonly #options: ClusterKeysOptions;
  #known: IssuerKeys | undefined;
  #lastAttempt = Number.NEGATIVE_INFINITY;
  #attempt: Promise<void> | undefined;

  constructor(options: ClusterKeysOptions) {
    this.#options = options;
  }

  /** Takes the keys that an earlier process verified, so that a restart while the API is away still proves tokens. */
  async restore(): Promise<void> {
    const { keeper, issuer } = this.#options;
    const record = await keeper?.loadRecord(recordName);
    if (record === undefined) return;
    const learnt: Learnt = JSON.parse(Buffer.from(record).toString());
    this.#known ??= issuerKeys({ ...learnt, issuer: issuer ?? learnt.issuer });
  }

  current(): IssuerKeys | undefined {
    return this.#known;
  }

  async refresh(): Promise<void> {
    if (this.#attempt === undefined && this.#options.now() - this.#lastAttempt >= leastInterval) {
      this.#lastAttempt = this.#options.now();
      this.#attempt = this.#ask().finally(() => {
        this.#attempt = undefined;
      });
    }
    await this.#attempt;
  }

  async #ask(): Promise<void> {
    const { api, keeper, log } = this.#options;
    const signal = AbortSignal.timeout(longestAttempt);
    try {
      const [issuer, keys] = await Promise.all([this.#askIssuer(signal), api.get("/openid/v1/jwks", signal, keyTypes)]);
      const learnt = { issuer, keys };
      this.#known = issuerKeys(learnt);
      await keeper?.saveRecord(recordName, Buffer.from(JSON.stringify(learnt)));
    } catch (error) {
      const cause = error instanceof ProviderError ? error.describe() : errorName(error);
      log.warn({ cause }, "the cluster's token keys cannot be read: no token can be proved with new keys");
    }
  }

  async #askIssuer(signal: AbortSignal): Promise<string> {
    const { api, issuer } = this.#options;
    return issuer ?? discovery.parse(await api.get("/.well-known/openid-configuration", signal)).issuer;
  }
}

/** What is kept over a restart; `keys` as the API gave them. */
interface Learnt {
  readonly issuer: string;
  readonly keys: unknown;
}

function issuerKeys({ issuer, keys }: Learnt): IssuerKeys {
  return { issuer, keys: parseKeys(JSON.stringify(keys ?? null)) };
}
