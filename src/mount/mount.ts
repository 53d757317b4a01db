import { untilAborted } from "../async/until-aborted.ts";
import { deliver, mostBytesOf } from "../deliver/deliver.ts";
import { boundsOf, readCommon } from "../fetch/bounds.ts";
import { type Fetched, fetchSecrets } from "../fetch/fetch.ts";
import { Sessions } from "../fetch/sessions.ts";
import type { Answer } from "../fetch/source-order.ts";
import type { Identified } from "../identity/identity.ts";
import type { Metrics } from "../metrics.ts";
import { splitParameters } from "../plan/common-parameters.ts";
import type { RenderedFile } from "../render/render.ts";
import type { Renderer } from "../render/renderer.ts";
import type { AuditStep } from "./audit-step.ts";
import type { MountCall } from "./mount-call.ts";
import type { MountParts } from "./mount-parts.ts";
import type { PlanSizes } from "./plan-sizes.ts";
import type { MountRecord } from "./record.ts";
import type { MountRequest } from "./request.ts";
import type { SyncStep } from "./sync-step.ts";
import { answerFrom, type MadeAnswer, type Volume, type Volumes } from "./volumes.ts";

/** Everything that mounts share. */
export interface MountTools {
  readonly parts: MountParts;
  readonly metrics: Metrics;
  readonly renderer: Renderer;
  readonly sessions: Sessions;
  readonly volumes: Volumes;
  readonly sizes: PlanSizes;
  readonly syncStep: SyncStep | undefined;
  readonly auditStep: AuditStep | undefined;
  /** Takes the end of logins, which no mount waits for. */
  readonly closeLater: (closing: Promise<void>) => void;
}

/** One mount, when it is known what it comes to and for whom. */
export interface MountSubject {
  readonly dialect: string;
  readonly call: MountCall;
  readonly record: MountRecord;
  readonly request: MountRequest;
  readonly identity: Identified;
  readonly volume: Volume;
}

/** One mount from its plan to its reply: fetch, render, audit, deliver, sync. */
export class Mount {
  readonly #tools: MountTools;
  readonly #of: MountSubject;
  /** Who is not proved shares nothing: such logins live as long as the mount. */
  #ownSessions: Sessions | undefined;
  /** It delivers the newest of all that changed of late. */
  #hasTakenAll = false;
  /** Its audit line says that it worked. */
  #isAudited = false;

  constructor(tools: MountTools, of: MountSubject) {
    this.#tools = tools;
    this.#of = of;
  }

  /** Gives the encoded reply, when its audit and log lines are written. Throws whatever fails. */
  async run(): Promise<Buffer> {
    const { sizes, parts } = this.#tools;
    const { volume, request, record } = this.#of;
    const startedAt = parts.clock.now();
    let made: MadeAnswer;
    try {
      made = await this.#make();
    } catch (thrown) {
      sizes.giveUp(volume.plan);
      throw thrown;
    }
    parts.targets.add(request.targetPath);
    if (this.#hasTakenAll) parts.targets.took(request.targetPath, startedAt);
    if (request.pod !== undefined) parts.leases?.mounted(request.pod.uid);
    if (!this.#isAudited) await this.#audit(made.offered?.state);
    record.succeeded(made);
    return made.reply;
  }

  /** All or nothing, and the last answer again where it was made from the same secrets. */
  async #make(): Promise<MadeAnswer> {
    const { renderer, sizes, parts } = this.#tools;
    const { volume, call, record, request } = this.#of;
    const { plan } = volume;
    const fetched = await this.#fetch();
    this.#hasTakenAll = hasTakenAll(fetched);
    record.fetched(fetched);
    const isFirst = !parts.targets.isRemount(call.request);
    const known = answerFrom(volume, fetched, isFirst);
    if (known !== undefined) {
      const sending = call.reserve(request.namespace, known.bytes);
      if (sending !== undefined) await sending;
      return known;
    }
    await this.#reserveAsBefore();
    const files = await renderer.render(plan, fetched, request.namespace, call.signal);
    const bytes = files.reduce((sum, { contents }) => sum + contents.length, 0);
    sizes.learn(plan, bytes);
    await call.reserve(request.namespace, bytes);
    if (files.length === 0 && plan.secrets.length > 0) record.madeNothing();
    return await this.#release(fetched, files, { bytes, isFirst });
  }

  /** Takes room for the files before they are made, by their last size. Nothing is held while a store is asked. */
  async #reserveAsBefore(): Promise<void> {
    const { volume, call, request } = this.#of;
    const known = this.#tools.sizes.of(volume.plan);
    const size = typeof known === "number" ? known : await untilAborted(known, call.signal);
    if (size > 0) await call.reserve(request.namespace, size);
  }

  /** Lets go what was made: into the reply or the volume, and to whoever writes Kubernetes Secrets. */
  async #release(
    fetched: Fetched,
    files: readonly RenderedFile[],
    { bytes, isFirst }: { readonly bytes: number; readonly isFirst: boolean },
  ): Promise<MadeAnswer> {
    const { parts, syncStep, volumes } = this.#tools;
    const { dialect: provider, volume, call, request, identity } = this.#of;
    const { plan } = volume;
    const isBeside = parts.delivery.by === "provider" || plan.kubernetesSecrets !== undefined;
    // What is not in the reply is delivered before it: nothing of it may be anywhere without its line.
    if (isBeside && parts.audit?.required === true) await this.#audit(plan.kubernetesSecrets && "offered");
    const reply = await this.#deliver(files);
    const made = { provider, plan, request, identity, isFirst, fetched, files };
    const offered = plan.kubernetesSecrets && (await syncStep?.run(made, call.signal));
    const answer = { files: files.length, bytes, reply, offered };
    // A reply of the driver's way holds everything; written files are compared with those of the volume.
    const isWhole = parts.delivery.by === "driver" && [...fetched.answers.values()].every(isKept);
    if (isWhole) volumes.keep(volume, fetched.secrets, answer);
    return answer;
  }

  async #audit(sync: string | undefined): Promise<void> {
    const { record, call } = this.#of;
    await this.#tools.auditStep?.write(record.facts("ok", sync), call.signal);
    this.#isAudited = true;
  }

  async #deliver(files: readonly RenderedFile[]): Promise<Buffer> {
    const { delivery: rules, log, encode } = this.#tools.parts;
    const { request, call } = this.#of;
    const { targetPath, pod } = request;
    return await untilAborted(deliver({ files, targetPath, podUid: pod?.uid, rules, log, encode }), call.signal);
  }

  async #fetch(): Promise<Fetched> {
    const { parts } = this.#tools;
    const { stores, lookups, cache, clock, leases, targets, tries, bounds, delivery } = parts;
    const { volume, request, identity, call, record } = this.#of;
    const common = readCommon(splitParameters(request.parameters).common);
    const fetching = fetchSecrets(volume.plan, {
      ...{ stores, lookups, cache, clock, leases, identity, verifier: tries },
      sessionsFor: (proved) => this.#sessionsFor(proved),
      mountedAt: targets.since(request.targetPath),
      keyOf: volume.keyOf,
      boundsOf: (wanted) => boundsOf(bounds, wanted.bounds, common),
      mostBytes: mostBytesOf(delivery),
      context: {
        // Made when somebody waits: most mounts wait for nothing.
        get signal() {
          return call.signal;
        },
        count: (operation) => record.count(operation),
      },
    });
    return await fetching.finally(() => this.#endOwnSessions());
  }

  #sessionsFor(proved: boolean): Sessions {
    const { sessions, parts, metrics } = this.#tools;
    if (proved) return sessions;
    this.#ownSessions ??= new Sessions(parts.clock, metrics);
    return this.#ownSessions;
  }

  #endOwnSessions(): void {
    if (this.#ownSessions !== undefined) this.#tools.closeLater(this.#ownSessions.close());
  }
}

function hasTakenAll({ answers }: Fetched): boolean {
  const changes = [...answers.values()].filter((answer) => "how" in answer && answer.change !== undefined);
  return (
    changes.length > 0 &&
    changes.every((answer) => !("change" in answer) || answer.value === answer.change?.newest.value)
  );
}

/** From the cache and fresh; or nothing that is there, for what is optional. */
function isKept(answer: Answer): boolean {
  return !("how" in answer) || answer.how === "cached";
}
