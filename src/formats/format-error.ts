/** Where in a text something is: 1-based line and column, or a 0-based offset. */
export interface FormatPosition {
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  /** In UTF-16 code units. */
  readonly offset?: number | undefined;
}

/** Text that is not what its format allows. The message never quotes the text, for it may be a secret. */
export class FormatError extends Error {
  override readonly name = "FormatError";
  /** The problem, without the position that `message` ends with. */
  readonly problem: string;
  readonly position: FormatPosition;
  /** The fix, if the error knows a better one than the code that reads the format. */
  readonly fix: string | undefined;
  /** The fix, where the code that reads the format knows none. */
  readonly commonFix: string | undefined;

  constructor(problem: string, position: FormatPosition = {}, fix?: string, commonFix?: string) {
    super(`${problem}${describePosition(position)}`);
    this.problem = problem;
    this.position = position;
    this.fix = fix;
    this.commonFix = commonFix;
  }
}

function describePosition({ line, column, offset }: FormatPosition): string {
  if (line !== undefined) return column === undefined ? ` at line ${line}` : ` at line ${line}, column ${column}`;
  return offset === undefined ? "" : ` at offset ${offset}`;
}
