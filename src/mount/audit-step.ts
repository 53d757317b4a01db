import type { Clock } from "../async/clock.ts";
import { untilAborted } from "../async/until-aborted.ts";
import type { AuditEntry } from "../audit/entry.ts";
import { ProviderError } from "../errors.ts";
import type { Fetched } from "../fetch/fetch.ts";
import type { Logger } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import type { Stores } from "../stores/store.ts";
import { auditObjects } from "./audit-objects.ts";

/** Where audit lines go. */
interface AuditWriter {
  /** Resolves when the line is written. */
  write(entry: AuditEntry): Promise<void>;
}

/** How mounts are audited. */
export interface Auditing {
  readonly writer: AuditWriter;
  /** A mount whose line cannot be written fails. */
  readonly required: boolean;
}

/** The facts that are known of a mount when its line is written. */
export interface AuditFacts extends Omit<AuditEntry, "time" | "objects"> {
  readonly answers: Fetched["answers"];
}

/** Everything that writing lines needs besides the facts. */
export interface AuditParts {
  readonly auditing: Auditing;
  readonly stores: Stores;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** So long a mount that need not be audited waits for its line, in milliseconds. */
const patience = 1_000;

/** A failure is logged once in so many milliseconds: where one line cannot be written none can. */
const quiet = 60_000;

/** Writes the audit line of each mount, before its reply. */
export class AuditStep {
  readonly #parts: AuditParts;
  #loggedAt = Number.NEGATIVE_INFINITY;

  constructor(parts: AuditParts) {
    this.#parts = parts;
  }

  /**
   * Writes the line of a mount before its reply, within the time of the mount. Throws `LK0045` where it has to be there and
   * could not be written.
   */
  async write(facts: AuditFacts, signal: AbortSignal): Promise<void> {
    const { required } = this.#parts.auditing;
    await this.#attempt(required, async () => {
      const writing = this.#write(facts);
      await (required ? untilAborted(writing, signal) : this.#patiently(writing));
    });
  }

  /** Writes the line of a mount that has failed, whatever of: that its line cannot be written is no other failure. */
  async writeFailed(facts: AuditFacts): Promise<void> {
    await this.#attempt(false, () => this.#patiently(this.#write(facts)));
  }

  async #attempt(required: boolean, write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (thrown) {
      const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "unknown";
      this.#failed(code);
      if (required) throw cannotWrite(thrown, code);
    }
  }

  async #write({ answers, ...facts }: AuditFacts): Promise<void> {
    const { auditing, stores, clock } = this.#parts;
    const time = new Date(clock.wall()).toISOString();
    await auditing.writer.write({ ...facts, time, objects: await auditObjects(answers, stores) });
  }

  async #patiently(writing: Promise<void>): Promise<void> {
    const { promise: late, reject } = Promise.withResolvers<void>();
    const cancel = this.#parts.clock.after(patience, () =>
      reject(Object.assign(new Error("no end of the write"), { code: "TIMEOUT" })),
    );
    try {
      await Promise.race([writing, late]);
    } finally {
      cancel();
    }
  }

  #failed(code: string): void {
    const { clock, log, metrics, auditing } = this.#parts;
    metrics.tell("auditFailed", undefined);
    if (clock.now() - this.#loggedAt < quiet) return;
    this.#loggedAt = clock.now();
    const what = auditing.required ? "mounts fail until it can be" : "mounts go on without it";
    log.error({ code }, `the audit line cannot be written: ${what}`);
  }
}

function cannotWrite(thrown: unknown, code: string): ProviderError {
  if (thrown instanceof ProviderError) return thrown;
  return new ProviderError("LK0045", `the audit line of this mount could not be written (${code})`, {
    storeCode: code,
    fix: "free space where --audit-file is, or have the operator choose --audit best-effort",
  });
}
