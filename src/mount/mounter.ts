import { untilAborted } from "../async/until-aborted.ts";
import { Ledger } from "../cache/ledger.ts";
import { mostBytesOf } from "../deliver/deliver.ts";
import { toProviderError } from "../errors.ts";
import { Sessions } from "../fetch/sessions.ts";
import { type Identified, identify } from "../identity/identity.ts";
import { ProofWarnings } from "../identity/proof-warnings.ts";
import { Metrics } from "../metrics.ts";
import { splitParameters } from "../plan/common-parameters.ts";
import type { Plan, PlanWarning } from "../plan/plan.ts";
import { Renderer } from "../render/renderer.ts";
import { AuditStep } from "./audit-step.ts";
import { Mount, type MountTools } from "./mount.ts";
import type { MountCall } from "./mount-call.ts";
import type { MountParts } from "./mount-parts.ts";
import { PlanSizes } from "./plan-sizes.ts";
import { Plans } from "./plans.ts";
import { MountRecord } from "./record.ts";
import { type MountRequest, parseRequest } from "./request.ts";
import { SyncStep } from "./sync-step.ts";
import { Volumes } from "./volumes.ts";

/** The way of a mount, for every dialect. */
export class Mounter {
  readonly #parts: MountParts;
  readonly #metrics: Metrics;
  readonly #tools: MountTools;
  readonly #plans: Plans;
  readonly #volumes: Volumes;
  readonly #closing = new Set<Promise<void>>();
  readonly #proofWarnings: ProofWarnings;

  constructor(parts: MountParts) {
    const { audit, cache, clock, ledger = new Ledger(), log, metrics = new Metrics() } = parts;
    const { stores, sync, verifier } = parts;
    const renderer = new Renderer(parts.versionKeys, mostBytesOf(parts.delivery));
    const sessions = new Sessions(clock, metrics, ledger);
    this.#parts = parts;
    this.#plans = new Plans((namespace) => renderer.elsewhere(namespace), ledger);
    this.#volumes = new Volumes(ledger);
    this.#metrics = metrics;
    this.#proofWarnings = new ProofWarnings(log, clock);
    this.#tools = {
      ...{ parts, metrics, renderer, sessions, volumes: this.#volumes, sizes: new PlanSizes(clock) },
      syncStep: sync && new SyncStep({ sync, renderer, verifier, clock }),
      auditStep: audit && new AuditStep({ auditing: audit, stores, clock, log, metrics }),
      closeLater: (closing) => this.#closeLater(closing),
    };
    metrics.offer("sessions", () => sessions.size);
    cache.onRemoval(() => this.#volumes.forget());
  }

  /** Answers one call with the encoded reply, and writes its log line. Throws nothing but `ProviderError`. */
  async mount(dialect: string, call: MountCall): Promise<Buffer> {
    const record = new MountRecord(this.#parts.log, this.#metrics, dialect);
    try {
      return await this.#walk(dialect, call, record);
    } catch (thrown) {
      const error = toProviderError(thrown);
      record.failed(error);
      await this.#tools.auditStep?.writeFailed(record.facts(error.id));
      throw error;
    }
  }

  /** Ends every login and waits for it. */
  async close(): Promise<void> {
    const { sessions, renderer } = this.#tools;
    await Promise.all([...this.#closing, sessions.close(), renderer.close()]);
  }

  async #walk(dialect: string, call: MountCall, record: MountRecord): Promise<Buffer> {
    const request = parseRequest(call.request);
    record.about(request, this.#parts.targets.isRemount(call.request));
    const planned = this.#plan(dialect, request, call);
    const plan = planned instanceof Promise ? await untilAborted(planned, call.signal) : planned;
    record.warn(plan.warnings);
    if (this.#parts.operator.verify !== true) record.warn(untriedOf(plan));
    if (plan.kubernetesSecrets !== undefined) this.#parts.sync?.check(plan.kubernetesSecrets, request.namespace);
    // What is known is not waited for: most mounts are of volumes that were mounted before.
    const identified = this.#identify(plan, request);
    const identity = identified instanceof Promise ? await untilAborted(identified, call.signal) : identified;
    record.identified(identity);
    if (!identity.proved && identity.unproved !== undefined) this.#proofWarnings.note(identity.unproved);
    const volume = this.#volumes.of(plan, identity);
    return await new Mount(this.#tools, { dialect, call, record, request, identity, volume }).run();
  }

  #identify(plan: Plan, request: MountRequest): Identified | Promise<Identified> {
    const { verifier, podTokens } = this.#parts;
    const identity = identify(request, verifier);
    if (podTokens === undefined) return identity;
    return Promise.resolve(identity).then((known) => podTokens.complete(known, plan));
  }

  #plan(dialectName: string, request: MountRequest, call: MountCall): Plan | Promise<Plan> {
    const { parameters, namespace, mode, pod } = request;
    const { stores, operator, nodeLabels } = this.#parts;
    const input = { parameters: splitParameters(parameters).own, namespace, mode, operator, stores };
    const label = nodeLabels?.of(dialectName, parameters, operator);
    if (label === undefined) return this.#plans.plan(dialectName, input);
    return untilAborted(label.get(namespace, pod?.name), call.signal).then((value) =>
      this.#plans.plan(dialectName, { ...input, operator: label.in(operator, value) }),
    );
  }

  #closeLater(closing: Promise<void>): void {
    this.#closing.add(closing);
    void closing.finally(() => this.#closing.delete(closing));
  }
}

/** Warns of what a SecretProviderClass wants tried and the operator does not. */
function untriedOf({ secrets }: Plan): readonly PlanWarning[] {
  const wants = secrets.filter(({ verify }) => verify !== undefined);
  return wants.map(({ subject }) => ({
    text: `${subject}: new values are not tried, for the operator has not set --verify`,
    about: "other",
  }));
}
