import type { Clock } from "../../async/clock.ts";
import type { Logger } from "../../log.ts";
import type { Flaw } from "./bad-file.ts";

/** Between two log lines of failing writes, in milliseconds. */
const logEvery = 60_000;

/** Counts what happens to files, and tells the log what the operator must know. */
export class Tally {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #flawed = new Map<Flaw, number>();
  #nextLine = Number.NEGATIVE_INFINITY;
  #disabled: "drop-failed" | "taken-over" | undefined;
  saved = 0;
  dropped = 0;
  evicted = 0;
  failed = 0;

  constructor(clock: Clock, log: Logger) {
    this.#clock = clock;
    this.#log = log;
  }

  get flawed(): ReadonlyMap<Flaw, number> {
    return this.#flawed;
  }

  get disabled(): "drop-failed" | "taken-over" | undefined {
    return this.#disabled;
  }

  addFlaw(flaw: Flaw): void {
    this.#flawed.set(flaw, (this.#flawed.get(flaw) ?? 0) + 1);
  }

  /** A write failed: a log line at most once a minute. */
  addFailure(code: string): void {
    this.failed += 1;
    const now = this.#clock.now();
    if (now < this.#nextLine) return;
    this.#nextLine = now + logEvery;
    this.#log.warn({ code, failed: this.failed }, "the cache directory cannot be written: entries are not kept");
  }

  disable(why: "drop-failed" | "taken-over", code?: string): void {
    if (this.#disabled !== undefined) return;
    this.#disabled = why;
    if (why === "taken-over") this.#log.warn("another process writes to the cache directory: nothing is kept any more");
    else this.#log.error({ code }, "a dropped entry stays in the cache directory: empty it before the next start");
  }

  loaded(entries: number, bytes: number): void {
    const fields = { entries, bytes, unusable: Object.fromEntries(this.#flawed) };
    if (this.#flawed.size === 0) this.#log.info(fields, "cache directory read");
    else this.#log.warn(fields, "cache directory read: some files were unusable");
  }
}
