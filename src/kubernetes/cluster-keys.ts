import * as z from "zod";
import type { Clock } from "../async/clock.ts";
import { canonicalText } from "../cache/keys.ts";
import { type ProviderError, toProviderError } from "../errors.ts";
import type { Logger } from "../log.ts";
import type { RecordKeeper } from "../record-keeper.ts";
import type { KubernetesApi } from "./api.ts";
import { retryWait } from "./retry-wait.ts";
import { type IssuerKeys, type KeysState, parseKeys, TokenKeysError, type WatchedKeys } from "./token-keys.ts";
import { unreadable } from "./unreadable.ts";

/** Keys are read again after this, in milliseconds, give or take a tenth: so long a key that was taken away stays trusted. */
const readEvery = 300_000;

/** While there are no keys, they are asked for at least so often, in milliseconds. */
const longestUnknown = 30_000;

/** Least time between two attempts that tokens lead to, in milliseconds: unknown key ids must not flood the API server. */
const leastInterval = { known: 30_000, unknown: 5_000 };

/** Longest that one attempt takes, and that a mount waits for one, in milliseconds. */
const longest = { attempt: 10_000, wait: 2_000 };

/** Failures are logged no more often, in milliseconds. */
const warnEvery = 60_000;

/** Without the second one the API server answers 406: keys are a format of their own. */
const keyTypes = "application/json, application/jwk-set+json";

/** Where the keys stand among the cache's records. */
const recordName = "cluster-keys";

/** Everything that reading the keys needs. */
export interface ClusterKeysOptions {
  readonly api: KubernetesApi;
  readonly log: Logger;
  /** The issuer, if the operator names it; otherwise the cluster is asked. */
  readonly issuer?: string | undefined;
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Keeps the keys over a restart. */
  readonly keeper?: RecordKeeper | undefined;
}

/** The record that is kept over a restart; `keys` as the API gave them. */
interface Learnt {
  readonly issuer: string;
  readonly keys: unknown;
  /** In milliseconds since the epoch; absent in records of older versions. */
  readonly readAt?: number;
}

const discovery = z.object({ issuer: z.string().min(1) });
const shownKeys = z.object({ keys: z.array(z.object({ kid: z.string() })) });

/**
 * The cluster's keys, asked of the API server: `/.well-known/openid-configuration` for the issuer, `/openid/v1/jwks` for
 * the keys, which every service account may read by default
 * (https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#service-account-issuer-discovery).
 * They are read again every five minutes; the last good ones stay known while the API is away.
 */
export class ClusterKeys implements WatchedKeys {
  readonly #options: ClusterKeysOptions;
  readonly #listeners: (() => void)[] = [];
  #known: IssuerKeys | undefined;
  /** The text that the known keys were made from. */
  #text = "";
  /** When they were read, by `Clock.now`. */
  #readAt = 0;
  #lastAttempt = Number.NEGATIVE_INFINITY;
  #attempt: Promise<void> | undefined;
  /** The API asked for it, by `Clock.now`. */
  #leftAloneUntil = 0;
  #failures = 0;
  #failure: ProviderError | undefined;
  #lastWarning = Number.NEGATIVE_INFINITY;
  #cancelTimer: (() => void) | undefined;
  #isClosed = false;

  constructor(options: ClusterKeysOptions) {
    this.#options = options;
  }

  /** Takes the keys that an earlier process read, so that a restart while the API is away still proves tokens. */
  async restore(): Promise<void> {
    const { keeper, issuer, clock } = this.#options;
    const record = await keeper?.loadRecord(recordName);
    if (record === undefined || this.#known !== undefined) return;
    const learnt: Learnt = JSON.parse(Buffer.from(record).toString());
    const age = learnt.readAt === undefined ? 0 : Math.max(0, clock.wall() - learnt.readAt);
    this.#take({ ...learnt, issuer: issuer ?? learnt.issuer }, clock.now() - age);
  }

  /** Reads them now, and then again and again until it is closed. */
  start(): void {
    void this.#tryNow();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelTimer?.();
  }

  current(): IssuerKeys | undefined {
    return this.#known;
  }

  get state(): KeysState {
    const isKnown = this.#known !== undefined;
    const ageMs = isKnown ? this.#options.clock.now() - this.#readAt : 0;
    return { isKnown, ageMs, ...(this.#failure === undefined ? {} : { failure: this.#failure.id }) };
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  async refresh(): Promise<void> {
    const { clock } = this.#options;
    const least = this.#known === undefined ? leastInterval.unknown : leastInterval.known;
    const since = clock.now() - this.#lastAttempt;
    // Of an attempt that hangs only the first who come find out.
    const isVain = this.#attempt === undefined ? since < least : since >= longest.wait;
    if (isVain || clock.now() < this.#leftAloneUntil) return;
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const cancel = clock.after(longest.wait, resolve);
    await Promise.race([this.#tryNow(), late]);
    cancel();
  }

  #tryNow(): Promise<void> {
    this.#attempt ??= this.#try().finally(() => {
      this.#attempt = undefined;
    });
    return this.#attempt;
  }

  async #try(): Promise<void> {
    const { clock, random } = this.#options;
    this.#lastAttempt = clock.now();
    this.#cancelTimer?.();
    const late = new AbortController();
    const cancel = clock.after(longest.attempt, () => late.abort());
    try {
      await this.#read(late.signal);
      this.#failures = 0;
      this.#failure = undefined;
      this.#later(readEvery * (0.9 + random() / 5));
    } catch (thrown) {
      const error =
        thrown instanceof TokenKeysError ? unreadable("/openid/v1/jwks", "set of keys") : toProviderError(thrown);
      this.#failed(error);
    } finally {
      cancel();
    }
  }

  async #read(signal: AbortSignal): Promise<void> {
    const { api, keeper, clock } = this.#options;
    const [issuer, keys] = await Promise.all([this.#askIssuer(signal), api.get("/openid/v1/jwks", signal, keyTypes)]);
    const learnt: Learnt = { issuer, keys, readAt: clock.wall() };
    if (this.#take(learnt, clock.now())) this.#tellChange(learnt);
    await keeper?.saveRecord(recordName, Buffer.from(JSON.stringify(learnt)));
  }

  async #askIssuer(signal: AbortSignal): Promise<string> {
    const { api, issuer } = this.#options;
    if (issuer !== undefined) return issuer;
    const path = "/.well-known/openid-configuration";
    const parsed = discovery.safeParse(await api.get(path, signal));
    if (!parsed.success) throw unreadable(path, "discovery document");
    return parsed.data.issuer;
  }

  /** Whether these are other keys than before: equal ones stay the same object, by which tokens that verified are known. */
  #take({ issuer, keys }: Learnt, readAt: number): boolean {
    const text = canonicalText({ issuer, keys });
    if (text !== this.#text) this.#known = { issuer, keys: parseKeys(JSON.stringify(keys ?? null)) };
    const isOther = text !== this.#text;
    [this.#text, this.#readAt] = [text, readAt];
    return isOther;
  }

  #tellChange({ issuer, keys }: Learnt): void {
    const ids = (shownKeys.safeParse(keys).data?.keys ?? []).slice(0, 20).map(({ kid }) => kid);
    this.#options.log.info({ issuer, keys: ids }, "the cluster's token keys are known");
    for (const listener of this.#listeners) listener();
  }

  #failed(error: ProviderError): void {
    const { api, clock, log, random } = this.#options;
    this.#failure = error;
    this.#leftAloneUntil = clock.now() + Math.min(error.details.retryAfterMs ?? 0, readEvery);
    const most = this.#known === undefined ? longestUnknown : readEvery;
    this.#later(retryWait(this.#failures, error.details.retryAfterMs, random, most));
    this.#failures += 1;
    if (this.#isClosed || clock.now() - this.#lastWarning < warnEvery) return;
    this.#lastWarning = clock.now();
    const { isKnown, ageMs } = this.state;
    const means = isKnown ? "those that are known stay trusted" : "no token can be proved";
    const fields = {
      api: api.url,
      cause: error.describe(),
      ...(isKnown ? { ageSeconds: Math.round(ageMs / 1_000) } : {}),
    };
    log.warn(fields, `the cluster's token keys cannot be read: ${means}`);
  }

  #later(ms: number): void {
    if (!this.#isClosed) this.#cancelTimer = this.#options.clock.after(ms, () => void this.#tryNow());
  }
}
