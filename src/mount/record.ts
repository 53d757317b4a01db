import { type ProviderError, stackFrames } from "../errors.ts";
import type { Fetched } from "../fetch/fetch.ts";
import type { Identified } from "../identity/identity.ts";
import type { Logger } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import type { PlanWarning } from "../plan/plan.ts";
import type { StoreOperation } from "../stores/store.ts";
import type { AuditFacts } from "./audit-step.ts";
import type { MountRequest } from "./request.ts";
import type { MadeAnswer } from "./volumes.ts";

/** Collects what is known of one mount; ends as one log line, without values, and in the metrics. */
export class MountRecord {
  readonly #log: Logger;
  readonly #metrics: Metrics;
  readonly #dialect: string;
  readonly #started = performance.now();
  readonly #calls = { login: 0, read: 0, renew: 0 };
  readonly #fields: Record<string, unknown>;

  #request: MountRequest | undefined;
  #proved: boolean | undefined;
  #unproved: Identified["unproved"];
  #answers: Fetched["answers"] = new Map();
  #remount = false;

  constructor(log: Logger, metrics: Metrics, dialect: string) {
    this.#log = log;
    this.#metrics = metrics;
    this.#dialect = dialect;
    this.#fields = { dialect };
  }

  /** Who asks, as far as the request can be read, and whether the volume has files already. */
  about(request: MountRequest, remount: boolean): void {
    const { secretProviderClass, namespace, serviceAccount, pod } = request;
    this.#request = request;
    this.#remount = remount;
    Object.assign(this.#fields, { secretProviderClass, namespace, serviceAccount });
    if (pod !== undefined) this.#fields.pod = pod.name;
  }

  /** Whether the identity is proved, and if not, why its tokens do not. */
  identified({ proved, unproved }: Identified): void {
    this.#proved = proved;
    this.#unproved = proved ? undefined : unproved;
    Object.assign(this.#fields, { proved, ...(this.#unproved === undefined ? {} : { unproved }) });
  }

  /** Counts one request that went out to a store; the end of a login comes when the line is written already. */
  count(operation: StoreOperation): void {
    if (operation !== "revoke") this.#calls[operation] += 1;
  }

  /** How the secrets were answered; a stale one is told loudly, once a mount. */
  fetched({ answers }: Pick<Fetched, "answers">): void {
    this.#answers = answers;
    const served = [...answers.values()].filter((answer) => "how" in answer);
    const counts = { fetched: 0, cached: 0, stale: 0 };
    for (const { how } of served) counts[how] += 1;
    Object.assign(this.#fields, counts);
    if (counts.stale === 0) return;
    const stale = served.filter(({ how }) => how === "stale");
    const oldest = Math.round(Math.max(...stale.map(({ ageMs }) => ageMs)) / 1000);
    this.#log.warn(
      { ...this.#fields, oldestSeconds: oldest },
      "stale secrets served because their store cannot be reached",
    );
  }

  /** That a plan which speaks of files made none, so that the volume is empty. */
  madeNothing(): void {
    this.#log.warn(this.#fields, "the volume has no files: all of its secrets are absent or empty");
  }

  warn(warnings: readonly PlanWarning[]): void {
    for (const { text: warning } of warnings) {
      this.#log.warn({ ...this.#fields, warning }, "SecretProviderClass has a weakness");
    }
  }

  succeeded({ files, bytes, offered }: Omit<MadeAnswer, "reply">): void {
    const sync = offered === undefined ? {} : { sync: offered.state };
    this.#log.info({ ...this.#fields, result: "ok", files, bytes, ...sync, ...this.#cost() }, "mount");
    this.#ended(undefined, files, bytes);
  }

  /** Returns the audit line's facts: `result` is `ok` or an error's id, `sync` the outcome for Kubernetes Secrets. */
  facts(result: string, sync?: string): AuditFacts {
    const { namespace, serviceAccount, pod, secretProviderClass } = this.#request ?? {};
    const [dialect, proved, answers] = [this.#dialect, this.#proved, this.#answers];
    return { dialect, namespace, serviceAccount, pod, secretProviderClass, proved, result, sync, answers };
  }

  failed(error: ProviderError): void {
    const problems = error.singles.slice(0, 20);
    const errors = problems.map((problem) => problem.describe());
    // Frames only: the message of an error that nobody foresaw could quote a secret.
    const bug = problems.find(({ id }) => id === "LK0001");
    const stack = bug === undefined ? {} : { stack: stackFrames(bug.cause) };
    this.#log.warn(
      { ...this.#fields, result: error.id, reason: error.reason, errors, ...stack, ...this.#cost() },
      "mount",
    );
    this.#ended(error, 0, 0);
  }

  #ended(error: ProviderError | undefined, files: number, bytes: number): void {
    const ms = performance.now() - this.#started;
    const namespace = this.#request?.namespace;
    const token = (this.#request?.tokens.size ?? 0) > 0;
    const [dialect, remount, proved, unproved] = [this.#dialect, this.#remount, this.#proved, this.#unproved];
    this.#metrics.tell("mountEnded", { dialect, namespace, remount, token, proved, unproved, error, ms, files, bytes });
  }

  #cost() {
    const { renew, ...calls } = this.#calls;
    return {
      storeCalls: renew === 0 ? calls : this.#calls,
      ms: Math.round(performance.now() - this.#started),
    };
  }
}
