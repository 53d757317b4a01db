import type { Clock } from "../async/clock.ts";
import { keyOf } from "../cache/keys.ts";
import { type ProviderError, toProviderError } from "../errors.ts";
import type { KubernetesApi } from "../kubernetes/api.ts";
import { retryWait } from "../kubernetes/retry-wait.ts";
import type { Logger } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import type { KubernetesSecret } from "../plan/plan.ts";
import type { Redacted } from "../redacted.ts";
import { Classes } from "./classes.ts";
import { type DesiredSecret, desiredSecret } from "./desired-secret.ts";
import { meaningOf } from "./failed-write.ts";
import { KnownSecrets } from "./known-secrets.ts";
import type { Offer, Offered, OfferedSecret } from "./offer.ts";
import type { Task } from "./pending.ts";
import { checkSyncPolicy, type SyncPolicy } from "./policy.ts";
import { type About, logResult } from "./result-log.ts";
import { SecretQueue } from "./secret-queue.ts";
import type { SecretSync, SyncResult } from "./secret-sync.ts";
import { unprovedError } from "./unproved-error.ts";
import { UnprovedOffers } from "./unproved-offers.ts";
import { writeSecret } from "./write-secret.ts";

/** Everything that writing Kubernetes Secrets needs. */
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
  readonly metrics: Metrics;
}

/** How long a class counts without being read again, in milliseconds: all of its Secrets are looked at together. */
const classCounts = 1_000;

/** One Secret of an offer. */
interface Taken {
  readonly namespace: string;
  readonly key: string;
  readonly digest: string;
  readonly tried?: Promise<void>;
}

type Offerer = Task["offer"];

/** Writes Kubernetes Secrets behind the mounts that made their content. */
export class SecretSyncer implements SecretSync {
  readonly #options: SyncOptions;
  readonly #classes: Classes;
  readonly #known: KnownSecrets;
  readonly #queue: SecretQueue;
  readonly #unproved: UnprovedOffers;
  #failures = 0;

  constructor(options: SyncOptions) {
    const { clock } = options;
    this.#options = options;
    this.#classes = new Classes(options);
    this.#known = new KnownSecrets(options);
    const dropped = ({ offer, desired }: Task) => this.#tell("dropped", { offer, name: desired.name });
    this.#queue = new SecretQueue({ clock, dropped, work: (task, signal) => this.#work(task, signal) });
    this.#unproved = new UnprovedOffers({
      ...{ clock, dropped },
      proved: ({ desired, offer }) =>
        this.#queueDesired(desired, { ...offer, identity: { ...offer.identity, proved: true } }),
      lost: (task) => this.#refuse(task, unprovedError(task.offer.identity, task.desired.spec.subject)),
    });
  }

  check(secrets: readonly KubernetesSecret[], namespace: string): void {
    checkSyncPolicy(this.#options.policy, secrets, namespace);
  }

  offer({ secrets, ...offer }: Offer): Offered {
    const taken = secrets.map((secret) => this.#take(offer, secret));
    const waits = taken.flatMap(({ tried }) => tried ?? []);
    const stateOf = () => this.#stateOf(taken);
    return {
      get state() {
        return stateOf();
      },
      ...(waits.length === 0 ? {} : { tried: Promise.all(waits).then(() => undefined) }),
      due: (isFirst) => taken.some((each) => isFirst || !this.#isSettled(each, offer)),
    };
  }

  proveAgain(): void {
    this.#unproved.tryAll();
  }

  async close(): Promise<void> {
    this.#unproved.close();
    await this.#queue.close();
  }

  #take(offer: Offerer, secret: OfferedSecret): Taken {
    const { identity } = offer;
    const { spec } = secret;
    const { namespace } = identity;
    try {
      if ("problem" in secret) throw secret.problem;
      if (!identity.proved && identity.unproved?.again === undefined) throw unprovedError(identity, spec.subject);
      const desired = desiredSecret(secret, namespace, this.#options.key);
      return identity.proved ? this.#queueDesired(desired, offer) : this.#hold(desired, offer);
    } catch (thrown) {
      const error = toProviderError(thrown);
      const taken = { namespace, key: secretKey(offer, spec.name), digest: error.id };
      if (!this.#isSettled(taken, offer)) this.#conclude({ ...taken, offer, name: spec.name }, "refused", error);
      return taken;
    }
  }

  /** Has it written; if it is known to be there, that is looked at for a new pod alone. */
  #queueDesired(desired: DesiredSecret, offer: Offerer): Taken {
    const { clock } = this.#options;
    const { namespace, digest, spec } = desired;
    const key = secretKey(offer, spec.name);
    const taken = { namespace, key, digest };
    const waiting = this.#queue.task(namespace, key);
    if (waiting?.desired.digest === digest) return this.#waitFor(waiting, taken, offer.isFirst);
    const [before, lastRead] = [this.#known.get(key, digest), this.#classes.lastRead(offer)];
    const known = this.#known.counts(key, digest, lastRead?.uid) ? before : undefined;
    if (known !== undefined && !offer.isFirst) return taken;
    const now = clock.now();
    // A storm of new pods is no storm of reads.
    const at = known === undefined ? now : Math.max(now, (lastRead?.at ?? 0) + classCounts);
    const since = offer.isFirst ? at : now - classCounts;
    const isKnown = known?.isRefused === false;
    const task = { key, desired, offer, tries: 0, at, since, isKnown, trial: Promise.withResolvers<void>() };
    this.#queue.add(task);
    // What is only looked at again is not worth a wait.
    return this.#waitFor(task, taken, offer.isFirst || before === undefined);
  }

  /** The end of a task's next try, if a mount should wait for it and it can be tried now. */
  #waitFor({ at, trial }: Task, taken: Taken, isWorth: boolean): Taken {
    const isNow = at <= this.#options.clock.now() && !this.#queue.isPaused;
    return isWorth && isNow ? { ...taken, tried: trial.promise } : taken;
  }

  /** Keeps it until its identity is proved. */
  #hold(desired: DesiredSecret, offer: Offerer): Taken {
    const { namespace, digest, spec, name } = desired;
    const key = secretKey(offer, spec.name);
    const now = this.#options.clock.now();
    const isNew = this.#unproved.get(namespace, key)?.desired.digest !== digest;
    const trial = Promise.withResolvers<void>();
    this.#unproved.add({ key, desired, offer, tries: 0, at: now, since: now, isKnown: false, trial });
    if (isNew) this.#tell("failed", { offer, name, error: unprovedError(offer.identity, spec.subject) });
    return { namespace, key, digest };
  }

  #stateOf(taken: readonly Taken[]): Offered["state"] {
    const known = taken.map(({ namespace, key, digest }) => {
      const task = this.#queue.task(namespace, key) ?? this.#unproved.get(namespace, key);
      return task !== undefined && !task.isKnown ? undefined : this.#known.get(key, digest);
    });
    if (known.some((each) => each?.isRefused)) return "refused";
    return known.includes(undefined) ? "queued" : "unchanged";
  }

  /** Whether nothing is to be done for this content: it is there, waits already, or was refused a moment ago. */
  #isSettled({ namespace, key, digest }: Omit<Taken, "tried">, offer: Offerer): boolean {
    if (this.#queue.task(namespace, key)?.desired.digest === digest) return true;
    return this.#known.counts(key, digest, this.#classes.lastRead(offer)?.uid);
  }

  async #work(task: Task, signal: AbortSignal): Promise<void> {
    const { api, clock } = this.#options;
    const { key, desired, offer } = task;
    try {
      const owner = await this.#classes.require(offer, task.since, signal);
      if (task.isKnown && this.#known.counts(key, desired.digest, owner.uid)) return;
      const write = { desired, owner, serviceAccount: offer.identity.serviceAccount };
      const result = await writeSecret(api, write, () => clock.wall(), signal);
      this.#failures = 0;
      this.#conclude(aboutOf(task), result, undefined, owner.uid);
    } catch (thrown) {
      this.#failed(task, toProviderError(thrown));
    }
  }

  #failed(task: Task, error: ProviderError): void {
    const { clock, random } = this.#options;
    if (this.#queue.isClosed) return;
    const { desired, offer, tries } = task;
    const means = meaningOf(error, tries);
    if (means === "refused") {
      this.#refuse(task, error);
      return;
    }
    const isForAll = means === "allWait";
    const wait = retryWait(isForAll ? this.#failures : tries, error.details.retryAfterMs, random);
    if (isForAll && !this.#queue.isPaused) {
      this.#failures += 1;
      this.#queue.pause(wait);
    }
    this.#tell("failed", { offer, name: desired.name, error });
    if (this.#queue.waiting(desired.namespace, task.key) !== undefined) return; // newer content has come meanwhile
    this.#queue.add({ ...task, tries: tries + 1, at: clock.now() + wait, trial: Promise.withResolvers() });
  }

  #refuse(task: Task, error: ProviderError): void {
    this.#conclude(aboutOf(task), "refused", error);
  }

  /** Remembers how a Secret was found or left. */
  #conclude(
    { key, digest, offer, name }: Concluded,
    result: SyncResult,
    error?: ProviderError,
    ownerUid?: string,
  ): void {
    this.#known.conclude(key, digest, result, ownerUid);
    this.#tell(result, { offer, name, ...(error === undefined ? {} : { error }) });
  }

  #tell(result: SyncResult, about: About): void {
    this.#options.metrics.tell("secretSynced", { result });
    logResult(this.#options.log, result, about);
  }
}

/** Which Secret, with what content, and who offered it. */
interface Concluded extends Omit<About, "error"> {
  readonly key: string;
  readonly digest: string;
}

function aboutOf({ key, desired, offer }: Task): Concluded {
  return { key, digest: desired.digest, offer, name: desired.name };
}

function secretKey({ identity, secretProviderClass, parameters }: Offerer, name: string): string {
  const { namespace, serviceAccount, proved } = identity;
  return keyOf(namespace, serviceAccount, proved, secretProviderClass, [...parameters], name);
}
