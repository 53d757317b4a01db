import { randomUUID } from "node:crypto";
import type { Logger } from "../log.ts";
import { type AuditHead, type AuditKey, lineOf, noMac, readLine } from "./chain.ts";
import { type AuditEntry, fieldsOf } from "./entry.ts";
import type { AuditShares } from "./shares.ts";

/** Where lines go: a file, or standard output. */
export interface AuditTarget {
  /** The last line that is there already, for a chain to go on from; empty where nobody can tell. */
  lastLine(): Promise<string>;
  /** All of the bytes or none. Throws Node's error. */
  append(lines: Buffer): Promise<void>;
  close(): Promise<void>;
}

/** How an audit log is kept. */
export interface AuditRules {
  /** Undefined: lines are not chained. */
  readonly key: AuditKey | undefined;
  readonly log: Logger;
  /** Gives the bytes that lists of objects may take of the log. */
  readonly shares: Pick<AuditShares, "take">;
}

/** Most lines that wait for a disk that does not answer. */
const mostWaiting = 10_000;

function tooMany(): Error {
  return Object.assign(new Error("too many audit lines are waiting"), { code: "EBUSY" });
}

/** Who waits for a line. */
interface Waiting {
  readonly entry: AuditEntry;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Writes one line for each entry, in one chain a process. Those that come while a write
 * is under way go together into the next one.
 */
export class AuditLog {
  readonly #target: AuditTarget;
  readonly #rules: AuditRules;
  readonly #boot = randomUUID();
  #prev: string;
  #seq = 0;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #told = -1;

  private constructor(target: AuditTarget, rules: AuditRules, prev: string) {
    this.#target = target;
    this.#rules = rules;
    this.#prev = prev;
  }

  /** Goes on from what is there already. Closes the target and throws Node's error if it cannot be read. */
  static async open(target: AuditTarget, rules: AuditRules): Promise<AuditLog> {
    try {
      const last = await target.lastLine();
      return new AuditLog(target, rules, rules.key === undefined ? noMac : (readLine(last)?.mac ?? noMac));
    } catch (error) {
      await target.close().catch(() => undefined); // the error that led here is the one to tell
      throw error;
    }
  }

  /**
   * Resolves when the line is written. Throws Node's error where it could not be, also for too many that wait; the chain
   * then goes on without it.
   */
  write(entry: AuditEntry): Promise<void> {
    if (this.#waiting.length >= mostWaiting) return Promise.reject(tooMany());
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ entry, resolve, reject });
    this.#writing ??= this.#writeWaiting();
    return promise;
  }

  /** The last line that was written; undefined before the first, and where lines are not chained. */
  get head(): AuditHead | undefined {
    if (this.#seq === 0 || this.#rules.key === undefined) return undefined;
    return { boot: this.#boot, seq: this.#seq - 1, mac: this.#prev };
  }

  /** Logs the head where it has moved: who keeps logs elsewhere can tell by it whether lines were dropped at the end. */
  tellHead(): void {
    const { head } = this;
    if (head === undefined || head.seq === this.#told) return;
    this.#told = head.seq;
    this.#rules.log.info({ auditHead: `${head.boot}:${head.seq}:${head.mac}` }, "audit head");
  }

  /** Waits for what is being written, tells the head and closes the target. Never throws. */
  async close(): Promise<void> {
    await this.#writing;
    this.tellHead();
    await this.#target.close().catch((error: NodeJS.ErrnoException) => {
      this.#rules.log.error({ code: error.code }, "the audit file could not be closed");
    });
  }

  async #writeWaiting(): Promise<void> {
    // What comes in this turn of the event loop goes together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      await this.#writeBatch(batch);
    }
    this.#writing = undefined;
  }

  async #writeBatch(batch: readonly Waiting[]): Promise<void> {
    let [prev, seq] = [this.#prev, this.#seq];
    const texts: string[] = [];
    for (const { entry } of batch) {
      const fields = fieldsOf(entry, (wanted) => this.#rules.shares.take(entry.namespace ?? "", wanted));
      const { text, mac } = lineOf(fields, { boot: this.#boot, seq }, prev, this.#rules.key);
      texts.push(`${text}\n`);
      [prev, seq] = [mac, seq + 1];
    }
    try {
      await this.#target.append(Buffer.from(texts.join("")));
      [this.#prev, this.#seq] = [prev, seq];
      for (const { resolve } of batch) resolve();
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
