import { FormatError } from "../../../formats/format-error.ts";
import { compilePattern, type Pattern } from "../../../formats/pattern.ts";
import { looksEncrypted } from "./cipher.ts";
import type { EncryptionRule } from "./metadata.ts";
import type { Tree } from "./tree.ts";

/** Decides whether a value at a path of keys is encrypted. */
export type IsEncrypted = (value: Tree, path: readonly string[]) => boolean;

/** Returns the judge of a document's rule. */
export function judgeOf({ by, encrypted, text }: EncryptionRule): IsEncrypted {
  // Which value a comment belongs to, only the tool's own reader of YAML says. The form says the same of a whole document:
  // what was made plain, or what only looks encrypted, does not fit the seal of all values.
  if (by === "comment") return (value) => typeof value === "string" && looksEncrypted(value);
  const fits = by === "suffix" ? (key: string) => key.endsWith(text) : matcherOf(text);
  const known = new Map<string, boolean>();
  const test = (key: string) => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const now = fits(key);
    known.set(key, now);
    return now;
  };
  return (_, path) => path.some(test) === encrypted;
}

/** A pattern that the tool cannot read fits nothing. */
function matcherOf(text: string): (key: string) => boolean {
  let pattern: Pattern;
  try {
    pattern = compilePattern(text);
  } catch (thrown) {
    if (!(thrown instanceof FormatError)) throw thrown;
    return () => false;
  }
  let work = 0;
  return (key) => {
    work += pattern.workFor(key);
    if (work > mostWork) throw new FormatError("the pattern of what is encrypted takes too much work");
    return pattern.test(key);
  };
}

const mostWork = 20_000_000;
