import { type AuditHead, type AuditKey, isGenuine, noMac, type ReadLine, readLine } from "./chain.ts";

/** One problem with one line of an audit log. */
export interface AuditFinding {
  /** Which file, as it was given, and which line of it, from 1. */
  readonly file: string;
  readonly line: number;
  readonly what: string;
}

/** The result of reading an audit log. */
export interface AuditReport {
  readonly lines: number;
  readonly findings: readonly AuditFinding[];
  /** The last line; undefined where there is none. */
  readonly head: AuditHead | undefined;
}

/** The expectations that an audit log is verified against. */
export interface Expected {
  readonly key: AuditKey;
  /** A head that was exported: the line must be there. */
  readonly heads: readonly AuditHead[];
  /** The head of what was before, where that was taken away by rotation; absent: the log has to be there from its beginning. */
  readonly after?: AuditHead | undefined;
  /** Lines of standard output: each process starts a chain of its own, for it cannot read what was before. */
  readonly mixed?: boolean;
}

/** Most findings that are told one by one. */
const mostFindings = 100;

/** Reads the lines of an audit log, the oldest first, and finds every one that was changed, moved or taken out. */
export class AuditVerifier {
  readonly #expected: Expected;
  readonly #findings: AuditFinding[] = [];
  readonly #missing: Set<AuditHead>;
  #lines = 0;
  #last: { readonly read: ReadLine; readonly file: string; readonly line: number } | undefined;

  constructor(expected: Expected) {
    this.#expected = expected;
    this.#missing = new Set(expected.heads);
  }

  /** Takes the next line. A line that is no audit line may be left out by the caller, for logs that share a stream. */
  add(text: string, file: string, line: number): void {
    this.#lines += 1;
    const read = readLine(text);
    if (read === undefined) {
      this.#note(file, line, "is not a complete line of Latchkey's");
      return;
    }
    const wrong = this.#wrongWith(read, this.#last?.read);
    if (wrong !== undefined) this.#note(file, line, wrong);
    else for (const head of this.#missing) if (isSame(head, read)) this.#missing.delete(head);
    this.#last = { read, file, line };
  }

  report(): AuditReport {
    const { file = "", line = 0, read } = this.#last ?? {};
    for (const { boot, seq } of this.#missing) {
      this.#note(file, line, `is the last line, and the exported head (line ${seq} of boot ${boot}) is missing`);
    }
    this.#missing.clear();
    const head = read === undefined ? undefined : { boot: read.boot, seq: read.seq, mac: read.mac };
    return { lines: this.#lines, findings: this.#findings, head };
  }

  #wrongWith(read: ReadLine, before: ReadLine | undefined): string | undefined {
    if (!isGenuine(read, this.#expected.key)) return "was changed, or written with another key";
    if (before === undefined) {
      const { after } = this.#expected;
      if (read.prev === (after?.mac ?? noMac)) return undefined;
      return after === undefined
        ? "continues lines that were not given; if rotation removed them, give the last head before them with --after"
        : `does not continue the head of --after (line ${after.seq} of boot ${after.boot})`;
    }
    if (read.seq === 0) {
      if (read.prev === before.mac || (read.prev === noMac && this.#expected.mixed === true)) return undefined;
      return `starts boot ${read.boot} but does not continue the line before it`;
    }
    const follows = read.boot === before.boot && read.seq === before.seq + 1 && read.prev === before.mac;
    return follows ? undefined : `does not follow the line before it (${placeOf(before)} to ${placeOf(read)})`;
  }

  #note(file: string, line: number, what: string): void {
    if (this.#findings.length < mostFindings) this.#findings.push({ file, line, what });
  }
}

function isSame(head: AuditHead, { boot, seq, mac }: ReadLine): boolean {
  return head.boot === boot && head.seq === seq && head.mac === mac;
}

function placeOf({ boot, seq }: ReadLine): string {
  return `line ${seq} of boot ${boot}`;
}
