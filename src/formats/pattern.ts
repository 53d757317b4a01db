import { RE2JS } from "re2js";
import { FormatError } from "./format-error.ts";

/** Longest pattern, in characters. */
const longest = 1_024;

/** A compiled pattern. */
export interface Pattern {
  /** Whether it is found anywhere in the text. */
  test(text: string): boolean;
}

/** Compiles a pattern of RE2's syntax (https://github.com/google/re2/wiki/Syntax), which takes linear time. Throws `FormatError`. */
export function compilePattern(text: string): Pattern {
  if (text.length > longest) throw new FormatError(`longer than ${longest} characters`);
  try {
    const compiled = RE2JS.compile(text);
    return { test: (subject) => compiled.matcher(subject).find() };
  } catch {
    throw new FormatError("not a regular expression of RE2's syntax");
  }
}
