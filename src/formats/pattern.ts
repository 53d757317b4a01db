import { RE2JS } from "re2js";
import { FormatError } from "./format-error.ts";

/** Longest pattern, in characters. */
const longest = 1_024;

/** A compiled pattern. */
export interface Pattern {
  /** Whether it is found anywhere in the text. */
  test(text: string): boolean;
  /** The work that looking for it takes, at worst: each character of the text, for so many states of the pattern. */
  workFor(text: string): number;
}

/** A step through so many states takes about as long as one through a character. */
const statesOfStep = 4;

/** Compiles a pattern of RE2's syntax (https://github.com/google/re2/wiki/Syntax), which takes linear time. Throws `FormatError`. */
export function compilePattern(text: string): Pattern {
  if (text.length > longest) throw new FormatError(`longer than ${longest} characters`);
  try {
    const compiled = RE2JS.compile(text);
    const states = Math.ceil(compiled.programSize() / statesOfStep);
    return {
      test: (subject) => compiled.matcher(subject).find(),
      workFor: ({ length }) => (length + 1) * states,
    };
  } catch {
    throw new FormatError("not a regular expression of RE2's syntax");
  }
}
