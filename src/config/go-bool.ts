const yes: ReadonlySet<string> = new Set(["1", "t", "T", "TRUE", "true", "True"]);
const no: ReadonlySet<string> = new Set(["0", "f", "F", "FALSE", "false", "False"]);

/** Parses a text as Go's `strconv.ParseBool` does; returns `undefined` if that fails, as it does for `yes` and `""`. */
export function parseGoBool(text: string): boolean | undefined {
  if (yes.has(text)) return true;
  return no.has(text) ? false : undefined;
}
