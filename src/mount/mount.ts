import { LRUCache } from "lru-cache";
import type { Plan } from "../dialects/plan.ts";
import { toProviderError } from "../errors.ts";
import { Metrics } from "../metrics.ts";
import type { Identity } from "../stores/store.ts";
import { untilAborted } from "../until-aborted.ts";
import type { Asked } from "./ask-secret.ts";
import { AuditStep } from "./audit-step.ts";
import { boundsOf, notBeforeParameter, readNotBefore } from "./bounds.ts";
import type { MountCall, MountParts } from "./contract.ts";
import { deliver, mostBytesOf } from "./deliver/deliver.ts";
import { type Fetched, fetchSecrets } from "./fetch.ts";
import { type Identified, identify } from "./identity.ts";
import { PlanSizes } from "./plan-sizes.ts";
import { Plans } from "./plans.ts";
import { ProofWarnings } from "./proof-warnings.ts";
import { MountRecord } from "./record.ts";
import type { RenderedFile } from "./render.ts";
import { Renderer } from "./renderer.ts";
import { type MountRequest, parseRequest, type WireRequest } from "./request.ts";
import { OwnSessions, Sessions } from "./sessions.ts";
import { SyncStep } from "./sync-step.ts";
import { type Answer, answerFrom, type Volume, Volumes } from "./volumes.ts";

/** The way of a mount, for every dialect. */
export class Mounter {
  readonly #parts: MountParts;
  readonly #metrics: Metrics;
  readonly #plans = new Plans();
  readonly #volumes = new Volumes();
  readonly #renderer: Renderer;
  readonly #syncStep: SyncStep | undefined;
  readonly #auditStep: AuditStep | undefined;
  readonly #sizes: PlanSizes;
  readonly #sessions: Sessions;
  /** When this process first mounted a volume, by `Clock.now`. */
  readonly #mounted = new LRUCache<string, number>({ max: 20_000 });
  readonly #closing = new Set<Promise<void>>();
  readonly #proofWarnings: ProofWarnings;

  constructor(parts: MountParts) {
    this.#parts = parts;
    this.#metrics = parts.metrics ?? new Metrics();
    this.#sessions = new Sessions(parts.clock, this.#metrics);
    this.#metrics.offer("sessions", () => this.#sessions.size);
    this.#sizes = new PlanSizes(parts.clock);
    this.#renderer = new Renderer(parts.versionKeys, mostBytesOf(parts.delivery));
    const { audit: auditing, stores, clock, log, sync, verifier } = parts;
    this.#proofWarnings = new ProofWarnings(log, clock);
    this.#syncStep = sync && new SyncStep({ sync, renderer: this.#renderer, verifier, clock });
    this.#auditStep = auditing && new AuditStep({ auditing, stores, clock, log, metrics: this.#metrics });
    parts.cache.onRemoval(() => this.#volumes.forget());
  }

  /** Answers one call with the encoded reply, and writes its log line. Throws nothing but `ProviderError`. */
  async mount(dialect: string, call: MountCall): Promise<Buffer> {
    const record = new MountRecord(this.#parts.log, this.#metrics, dialect);
    try {
      return await this.#walk(dialect, call, record);
    } catch (thrown) {
      const error = toProviderError(thrown);
      record.failed(error);
      await this.#auditStep?.writeFailed(record.facts(error.id));
      throw error;
    }
  }

  /** Ends every login and waits for it. */
  async close(): Promise<void> {
    await Promise.all([...this.#closing, this.#sessions.close(), this.#renderer.close()]);
  }

  async #walk(dialectName: string, call: MountCall, record: MountRecord): Promise<Buffer> {
    const request = parseRequest(call.request);
    record.about(request, this.#isRemount(call.request));
    const planned = this.#plan(dialectName, request, call);
    const plan = planned instanceof Promise ? await planned : planned;
    record.warn(plan.warnings);
    if (plan.kubernetesSecrets !== undefined) this.#parts.sync?.check(plan.kubernetesSecrets, request.namespace);
    // What is known is not waited for: most mounts are of volumes that were mounted before.
    const identified = this.#identify(plan, request);
    const identity = identified instanceof Promise ? await untilAborted(identified, call.signal) : identified;
    const known = this.#sizes.of(plan);
    const size = typeof known === "number" ? known : await untilAborted(known, call.signal);
    const reserving = size > 0 ? call.reserve(size) : undefined;
    if (reserving !== undefined) await reserving;
    record.identified(identity);
    if (!identity.proved && identity.unproved !== undefined) this.#proofWarnings.note(identity.unproved);
    const volume = this.#volumes.of(plan, identity);
    const answer = await this.#answer(volume, dialectName, request, identity, call, record);
    const { targetPath } = request;
    this.#mounted.set(targetPath, this.#mounted.get(targetPath) ?? this.#parts.clock.now());
    if (!record.isAudited) await this.#audit(record, answer.offered?.state, call);
    record.succeeded(answer);
    return answer.reply;
  }

  /** All or nothing, and the last answer again where it was made from the same secrets. */
  async #answer(
    volume: Volume,
    provider: string,
    request: MountRequest,
    identity: Identified,
    call: MountCall,
    record: MountRecord,
  ): Promise<Answer> {
    const { plan } = volume;
    try {
      const fetched = await this.#fetch(volume, request, identity, call, record);
      record.fetched(fetched);
      const isFirst = !this.#isRemount(call.request);
      const known = answerFrom(volume, fetched, isFirst);
      const files =
        known === undefined ? await this.#renderer.render(plan, fetched, request.namespace, call.signal) : [];
      const bytes = known?.bytes ?? files.reduce((sum, { contents }) => sum + contents.length, 0);
      this.#sizes.learn(plan, bytes);
      const settling = call.settle(bytes);
      if (settling !== undefined) await settling;
      if (known !== undefined) return known;
      if (files.length === 0 && plan.secrets.length > 0) record.madeNothing();
      const isBeside = this.#parts.delivery.by === "provider" || plan.kubernetesSecrets !== undefined;
      // What is not in the reply is delivered before it: nothing of it may be anywhere without its line.
      if (isBeside && this.#parts.audit?.required === true) {
        await this.#audit(record, plan.kubernetesSecrets && "offered", call);
      }
      const reply = await this.#deliver(files, request, call.signal);
      const made = { provider, plan, request, identity, isFirst, fetched, files };
      const offered = plan.kubernetesSecrets && (await this.#syncStep?.run(made, call.signal));
      const answer = { files: files.length, bytes, reply, offered };
      // A reply of the driver's way holds everything; written files are compared with those of the volume.
      const cached = this.#parts.delivery.by === "driver" && fetched.asked.every(isKept);
      if (cached) this.#volumes.keep(volume, fetched.secrets, answer);
      return answer;
    } catch (error) {
      this.#sizes.giveUp(plan);
      throw error;
    }
  }

  async #audit(record: MountRecord, sync: string | undefined, { signal }: MountCall): Promise<void> {
    await this.#auditStep?.write(record.facts("ok", sync), signal);
    record.isAudited = true;
  }

  /** By the driver's word where it gives one; otherwise by what this process has mounted. */
  #isRemount({ currentObjectVersion, targetPath }: WireRequest): boolean {
    return this.#mounted.has(targetPath) || (currentObjectVersion?.length ?? 0) > 0;
  }

  #identify(plan: Plan, request: MountRequest): Identified | Promise<Identified> {
    const { verifier, podTokens } = this.#parts;
    const identity = identify(request, verifier);
    if (podTokens === undefined) return identity;
    return Promise.resolve(identity).then((known) => podTokens.complete(known, plan));
  }

  async #deliver(files: readonly RenderedFile[], request: MountRequest, signal: AbortSignal): Promise<Buffer> {
    const { delivery: rules, log, encode } = this.#parts;
    const { targetPath, pod } = request;
    return await untilAborted(deliver({ files, targetPath, podUid: pod?.uid, rules, log, encode }), signal);
  }

  #plan(dialectName: string, request: MountRequest, call: MountCall): Plan | Promise<Plan> {
    const { parameters, namespace, mode, pod } = request;
    const { stores, operator, nodeLabels } = this.#parts;
    const isOwn = !parameters.has(notBeforeParameter);
    const own = isOwn ? parameters : new Map([...parameters].filter(([name]) => name !== notBeforeParameter));
    const input = { parameters: own, namespace, mode, operator, stores };
    const label = nodeLabels?.of(dialectName, parameters, operator);
    if (label === undefined) return this.#plans.plan(dialectName, input);
    return untilAborted(label.get(namespace, pod?.name), call.signal).then((value) =>
      this.#plans.plan(dialectName, { ...input, operator: label.in(operator, value) }),
    );
  }

  async #fetch(
    { plan, keyOf }: Volume,
    request: MountRequest,
    identity: Identity,
    call: MountCall,
    record: MountRecord,
  ): Promise<Fetched> {
    const { stores, lookups, cache, clock, bounds } = this.#parts;
    const notBefore = readNotBefore(request.parameters);
    // Who is not proved shares nothing: such logins live as long as the mount.
    const own = new OwnSessions(clock, this.#metrics);
    const fetching = fetchSecrets(plan, {
      ...{ stores, lookups, cache, clock, identity },
      sessionsFor: (proved) => (proved ? this.#sessions : own.open()),
      mountedAt: this.#mounted.get(request.targetPath),
      keyOf,
      boundsOf: (wanted) => boundsOf(bounds, wanted.bounds, notBefore),
      mostBytes: mostBytesOf(this.#parts.delivery),
      context: {
        get signal() {
          return call.signal;
        },
        count: (operation) => record.count(operation),
      },
    });
    return await fetching.finally(() => this.#closeLater(own.close()));
  }

  #closeLater(closing: Promise<void> | undefined): void {
    if (closing === undefined) return;
    this.#closing.add(closing);
    void closing.finally(() => this.#closing.delete(closing));
  }
}

/** From the cache and fresh; or nothing that is there, for what is optional. */
function isKept({ outcome }: Asked): boolean {
  return !("how" in outcome) || outcome.how === "cached";
}
