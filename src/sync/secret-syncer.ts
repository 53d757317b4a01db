import { LRUCache } from "lru-cache";
import type { Clock } from "../cache/clock.ts";
import { keyOf } from "../cache/keys.ts";
import type { KubernetesSecret } from "../dialects/plan.ts";
import { ProviderError, toProviderError } from "../errors.ts";
import type { KubernetesApi } from "../kubernetes/api.ts";
import { retryWait } from "../kubernetes/retry-wait.ts";
import type { Logger } from "../log.ts";
import type { Redacted } from "../redacted.ts";
import { Classes } from "./classes.ts";
import type { Offer, Offered, OfferedSecret, SecretSync, SyncObserver, SyncResult } from "./contract.ts";
import { type DesiredSecret, desiredSecret } from "./desired-secret.ts";
import { Pending, type Task } from "./pending.ts";
import { checkSyncPolicy, type SyncPolicy } from "./policy.ts";
import { type About, logResult } from "./result-log.ts";

import { writeSecret } from "./write-secret.ts";

/** What writing Kubernetes Secrets needs. */
export interface SyncOptions {
  readonly api: KubernetesApi;
  readonly policy: SyncPolicy;
  /** Of the digests; the same on every node. */
  readonly key: Redacted<Uint8Array>;
  /** How long what was written counts as being there, in milliseconds. */
  readonly recheckMs: number;
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly log: Logger;
  readonly observe?: SyncObserver;
}

/** Most Secrets that are written at the same time. */
const mostUnderWay = 4;

/** Longest that one try takes, in milliseconds. */
const longestTry = 15_000;

/** Answers of an API that has too much to do, is not there, or does not accept the token: everything waits. Others are about one Secret. */
const busy = new Set(["401", "429", "502", "503", "504"]);

/** What may not be written is tried again after this, in milliseconds, with a mount that still wants it. */
const refusedFor = 60_000;

/** What is known of one Secret: the content that it was last looked at with, and until when that counts. */
interface Known {
  readonly digest: string;
  readonly isRefused: boolean;
  readonly until: number;
}

/** One Secret of an offer. */
interface Taken {
  readonly namespace: string;
  readonly key: string;
  readonly digest: string;
  readonly tried?: Promise<void>;
}

/** Writes Kubernetes Secrets behind the mounts that made their content. */
export class SecretSyncer implements SecretSync {
  readonly #options: SyncOptions;
  readonly #classes: Classes;
  readonly #known = new LRUCache<string, Known>({ max: 20_000 });
  readonly #pending = new Pending();
  readonly #underWay = new Map<string, { readonly digest: string; readonly end: Promise<void> }>();
  readonly #ended = new AbortController();
  /** The API is left alone until then, by `Clock.now`. */
  #pausedUntil = 0;
  #failures = 0;
  #cancelTimer: (() => void) | undefined;

  constructor(options: SyncOptions) {
    this.#options = options;
    this.#classes = new Classes(options);
  }

  check(secrets: readonly KubernetesSecret[], namespace: string): void {
    checkSyncPolicy(this.#options.policy, secrets, namespace);
  }

  offer(offer: Offer): Offered {
    const taken = offer.secrets.map((secret) => this.#take(offer, secret));
    const waits = taken.flatMap(({ tried }) => tried ?? []);
    const stateOf = () => this.#stateOf(taken);
    return {
      get state() {
        return stateOf();
      },
      ...(waits.length === 0 ? {} : { tried: Promise.all(waits).then(() => undefined) }),
      due: () => taken.some((each) => !this.#isSettled(each)),
    };
  }

  async close(): Promise<void> {
    this.#ended.abort(new ProviderError("LK0009", "Latchkey is stopping"));
    this.#cancelTimer?.();
    this.#pending.clear();
    await Promise.all([...this.#underWay.values()].map(({ end }) => end));
  }

  #take({ secrets: _, ...offer }: Offer, secret: OfferedSecret): Taken {
    const { namespace, serviceAccount, proved } = offer.identity;
    const { spec } = secret;
    const key = keyOf(namespace, serviceAccount, proved, offer.secretProviderClass, [...offer.parameters], spec.name);
    try {
      const desired = this.#desired(offer, secret);
      return this.#queue(key, desired, offer);
    } catch (thrown) {
      const error = toProviderError(thrown);
      if (!this.#isSettled({ namespace, key, digest: error.id }))
        this.#conclude(key, error.id, "refused", { offer, name: spec.name, error });
      return { namespace, key, digest: error.id };
    }
  }

  #desired({ identity }: Omit<Offer, "secrets">, secret: OfferedSecret): DesiredSecret {
    if ("problem" in secret) throw secret.problem;
    if (!identity.proved) {
      throw new ProviderError("LK0051", "the pod's identity is not proved, so it writes no Kubernetes Secret", {
        subject: secret.spec.subject,
        fix: "see operations.md on proof: the CSIDriver object needs tokenRequests, Latchkey the cluster's keys",
      });
    }
    return desiredSecret(secret.spec, identity.namespace, secret.values, secret.sources, this.#options.key);
  }

  #queue(key: string, desired: DesiredSecret, offer: Omit<Offer, "secrets">): Taken {
    const { namespace, digest } = desired;
    const known = this.#known.get(key);
    if (this.#isSettled({ namespace, key, digest })) return { namespace, key, digest };
    const { promise: tried, resolve } = Promise.withResolvers<void>();
    const at = Math.max(this.#options.clock.now(), this.#pausedUntil);
    this.#hold({ key, desired, offer, tries: 0, at, tried: resolve });
    this.#pump();
    // What is only looked at again, or cannot be tried now, is not worth a wait.
    const isNew = known?.digest !== digest && this.#pausedUntil <= this.#options.clock.now();
    return { namespace, key, digest, ...(isNew ? { tried } : {}) };
  }

  #hold(task: Task): void {
    for (const { desired, offer, tried } of this.#pending.add(task)) {
      this.#tell("dropped", { offer, name: desired.name });
      tried();
    }
  }

  #stateOf(taken: readonly Taken[]): Offered["state"] {
    const known = taken.map(({ namespace, key, digest }) => {
      const waits = this.#pending.get(namespace, key) !== undefined || this.#underWay.has(key);
      const each = this.#known.get(key);
      return waits || each?.digest !== digest ? undefined : each;
    });
    if (known.some((each) => each?.isRefused)) return "refused";
    return known.includes(undefined) ? "queued" : "unchanged";
  }

  /** Whether nothing is to be done for this content: it is there, waits already, or was refused a moment ago. */
  #isSettled({ namespace, key, digest }: Omit<Taken, "tried">): boolean {
    const waiting = this.#pending.get(namespace, key)?.desired.digest ?? this.#underWay.get(key)?.digest;
    if (waiting === digest) return true;
    const known = this.#known.get(key);
    return known?.digest === digest && this.#options.clock.now() < known.until;
  }

  #pump(): void {
    const { clock } = this.#options;
    this.#cancelTimer?.();
    // One time for all questions: what is early now must not be late when the timer is set.
    const now = clock.now();
    while (!this.#ended.signal.aborted && this.#underWay.size < mostUnderWay && this.#pausedUntil <= now) {
      const task = this.#pending.next(now, (key) => this.#underWay.has(key));
      if (task === undefined) break;
      const end = this.#run(task).finally(() => {
        this.#underWay.delete(task.key);
        task.tried();
        this.#pump();
      });
      this.#underWay.set(task.key, { digest: task.desired.digest, end });
    }
    const earliest = this.#pending.earliest();
    if (earliest === undefined || this.#ended.signal.aborted) return;
    const wait = Math.max(earliest, this.#pausedUntil) - now;
    if (wait > 0) this.#cancelTimer = clock.after(wait, () => this.#pump());
  }

  async #run(task: Task): Promise<void> {
    const { api, clock } = this.#options;
    const { key, desired, offer } = task;
    const { signal: late, cancel } = deadline(clock, longestTry);
    const signal = AbortSignal.any([this.#ended.signal, late]);
    try {
      const owner = await this.#classes.require(offer, signal);
      const write = { desired, owner, serviceAccount: offer.identity.serviceAccount };
      const result = await writeSecret(api, write, () => clock.wall(), signal);
      this.#failures = 0;
      this.#conclude(key, desired.digest, result, { offer, name: desired.name });
    } catch (thrown) {
      this.#failed(task, toProviderError(thrown));
    } finally {
      cancel();
    }
  }

  #failed(task: Task, error: ProviderError): void {
    const { clock, random } = this.#options;
    if (this.#ended.signal.aborted) return;
    const { key, desired, offer, tries } = task;
    const isOutage = error.reason === "outage" || error.reason === "throttled";
    // What the API refuses by its rights may be granted in a moment; everything else was judged.
    if (!isOutage && error.id !== "LK0013") {
      this.#conclude(key, desired.digest, "refused", { offer, name: desired.name, error });
      return;
    }
    const isForAll = isOutage && (error.details.storeCode === undefined || busy.has(error.details.storeCode));
    const wait = retryWait(isForAll ? this.#failures : tries, error.details.retryAfterMs, random);
    if (isForAll && this.#pausedUntil <= clock.now()) {
      this.#failures += 1;
      this.#pausedUntil = clock.now() + wait;
    }
    this.#tell("failed", { offer, name: desired.name, error });
    if (this.#pending.get(desired.namespace, key) !== undefined) return; // newer content has come meanwhile
    this.#hold({ ...task, tries: tries + 1, at: clock.now() + wait, tried: () => undefined });
  }

  /** Remembers how a Secret was found or left. */
  #conclude(key: string, digest: string, result: SyncResult, about: About): void {
    const { clock, random, recheckMs } = this.#options;
    const spread = 0.9 + random() / 5;
    const counts = result === "refused" || result === "older" ? Math.min(refusedFor, recheckMs) : recheckMs;
    this.#known.set(key, { digest, isRefused: result === "refused", until: clock.now() + counts * spread });
    this.#tell(result, about);
  }

  #tell(result: SyncResult, about: About): void {
    this.#options.observe?.(result);
    logResult(this.#options.log, result, about);
  }
}

/** A signal that aborts when the time is over; `cancel` takes the timer back. */
function deadline(clock: Clock, ms: number) {
  const controller = new AbortController();
  const error = new ProviderError("LK0012", "the Kubernetes API did not answer in time", {
    fix: "check that the API server is up and that Latchkey may reach it",
  });
  const cancel = clock.after(ms, () => controller.abort(error));
  return { signal: controller.signal, cancel };
}
