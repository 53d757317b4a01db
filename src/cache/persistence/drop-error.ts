/** A dropped entry is still on file: a restart would serve it again unless somebody removes it before. */
export class DropError extends Error {
  override readonly name = "DropError";
  /** The system's code. */
  readonly code: string;

  constructor(code: string) {
    super(
      `a dropped entry could not be removed from the cache directory (${code}); ` +
        "repair the directory and empty it before the next start",
    );
    this.code = code;
  }
}
