/**
 * Why a file is not used. `torn`: not whole. `forged`: whole, but its seal is broken. `foreign`: sealed with another
 * key. `oldFormat`: of another version of Latchkey. `otherBoot`, `future`, `expired`: ruled out by its times.
 * `oversize`: larger than the bound. `unreadable`: sealed well, but not understood. `stray`: no file of the cache, or
 * one that was never finished.
 */
export type Flaw =
  | "torn"
  | "forged"
  | "foreign"
  | "oldFormat"
  | "otherBoot"
  | "future"
  | "expired"
  | "oversize"
  | "unreadable"
  | "stray";

/** A file of the cache directory that cannot be used. Tells its flaw and nothing of what it holds. */
export class BadFile extends Error {
  override readonly name = "BadFile";
  readonly flaw: Flaw;

  constructor(flaw: Flaw) {
    super(`a file of the cache directory is ${flaw}`);
    this.flaw = flaw;
  }
}

/** The flaw behind a failure to read. What else a codec or the system throws is not kept: it may quote a value. */
export function flawOf(error: unknown): Flaw {
  return error instanceof BadFile ? error.flaw : "unreadable";
}
