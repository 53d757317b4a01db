import type { DialectName, OperatorDefaults } from "../dialects/dialect.ts";
import { combineErrors, type ProviderError, toProviderError } from "../errors.ts";
import type { Logger } from "../log.ts";
import type { Stores } from "../stores/store.ts";
import { untilAborted } from "../until-aborted.ts";
import { type DeliveryRules, deliver, type Reply } from "./deliver/deliver.ts";
import { fetchSecrets } from "./fetch.ts";
import { identify } from "./identity.ts";
import type { Lookups } from "./lookup.ts";
import { Plans } from "./plans.ts";
import { MountRecord } from "./record.ts";
import { renderFiles } from "./render.ts";
import { parseRequest, type WireRequest } from "./request.ts";
import type { TokenVerifier } from "./token-verifier.ts";
import type { VersionKeys } from "./version.ts";

/** One `Mount` call as the mount sees it. */
export interface MountCall {
  readonly request: WireRequest;
  /** Aborts with the `ProviderError` to answer: the time ran out, the process stops, or the caller went away. */
  readonly signal: AbortSignal;
  /** Waits until `bytes` of reply may be built; they are given back when the call is over. */
  hold(bytes: number): Promise<void>;
}

/** What every mount of the process shares. */
export interface MountParts {
  readonly stores: Stores;
  readonly lookups: Lookups;
  readonly verifier: TokenVerifier;
  readonly operator: OperatorDefaults;
  readonly versionKeys: VersionKeys;
  readonly delivery: DeliveryRules;
  readonly log: Logger;
  readonly encode: (reply: Reply) => Buffer;
}

/** The way of a mount, for every dialect. */
export class Mounter {
  readonly #parts: MountParts;
  readonly #plans = new Plans();
  readonly #closing = new Set<Promise<void>>();

  constructor(parts: MountParts) {
    this.#parts = parts;
  }

  /** Answers one call with the encoded reply, and writes its log line. Throws nothing but `ProviderError`. */
  async mount(dialect: DialectName, call: MountCall): Promise<Buffer> {
    const record = new MountRecord(this.#parts.log, dialect);
    try {
      return await this.#walk(dialect, call, record);
    } catch (thrown) {
      const error = toProviderError(thrown);
      record.failed(error);
      throw error;
    }
  }

  /** Settles when every login that mounts have finished with is ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#closing);
  }

  async #walk(dialectName: DialectName, call: MountCall, record: MountRecord): Promise<Buffer> {
    const { stores, lookups, verifier, operator, versionKeys, delivery: rules, log, encode } = this.#parts;
    const { signal } = call;
    const request = parseRequest(call.request);
    record.about(request);
    const { parameters, namespace, mode, targetPath, pod } = request;
    const plan = await this.#plans.plan(dialectName, { parameters, namespace, mode, operator, stores });
    record.warn(plan.warnings);
    const identity = await untilAborted(identify(request, verifier), signal);
    record.identified(identity);
    const context = { signal, count: record.count.bind(record) };
    const fetched = await fetchSecrets(plan, { stores, lookups, identity, context });
    this.#closeLater(fetched.close());
    const { files, failures } = renderFiles(plan, fetched.secrets, versionKeys);
    failAll([...fetched.failures, ...failures]);
    const hold = (bytes: number) => call.hold(bytes);
    const reply = await deliver({ files, targetPath, podUid: pod?.uid, rules, log, encode, hold });
    signal.throwIfAborted();
    record.succeeded(files);
    return reply;
  }

  #closeLater(closing: Promise<void>): void {
    this.#closing.add(closing);
    void closing.finally(() => this.#closing.delete(closing));
  }
}

/** All or nothing: one failure fails the mount, and its error lists every failure. */
function failAll(failures: readonly ProviderError[]): void {
  const [first, ...rest] = failures;
  if (first !== undefined) throw combineErrors([first, ...rest]);
}
