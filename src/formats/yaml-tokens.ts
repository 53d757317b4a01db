import { Lexer, type LineCounter, Parser } from "yaml";
import { FormatError } from "./format-error.ts";
import type { YamlPosition } from "./yaml-node.ts";

/** Collections may nest this deep, aliases followed. */
export const maxYamlDepth = 200;

/** No schema of the library decides about scalars: which type a text has is the reader's to say. */
export const composerOptions = {
  schema: "failsafe",
  merge: false,
  uniqueKeys: false,
  resolveKnownTags: false,
  strict: false,
  logLevel: "silent",
} as const;

const misplaced = "this does not belong here; check indentation and quotes";

/**
 * The tokens of a text, for a composer. The parser's stack is watched, for it unwinds by recursion. Throws `FormatError` at
 * the first token that does not belong, and below `maxYamlDepth`.
 */
export function* yamlTokens(source: string, lines: LineCounter) {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(source)) {
    for (const token of parser.next(lexeme)) {
      // At the first one: thousands would take the library seconds.
      if (token.type === "error") throw new FormatError(misplaced, yamlPlace(lines, token.offset));
      yield token;
    }
    if (parser.stack.length > maxYamlDepth) {
      throw new FormatError(`YAML nests deeper than ${maxYamlDepth} levels`, yamlPlace(lines, parser.offset));
    }
  }
  yield* parser.end();
}

/** Where an offset of the text is. */
export function yamlPlace(lines: LineCounter, offset: number): YamlPosition {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

/** Explains an error code of the YAML library in words that quote nothing. */
export function yamlProblem(code: string): string {
  return problems.get(code) ?? `not YAML (${code})`;
}

/** The library's errors in words that quote nothing; its own can quote the text. */
const problems: ReadonlyMap<string, string> = new Map([
  ["BAD_ALIAS", "an anchor or alias needs a name"],
  ["BAD_DQ_ESCAPE", "unknown escape in double-quoted text"],
  ["BAD_INDENT", "wrong indentation, or a bracket that is not closed"],
  ["BAD_SCALAR_START", "text that starts with this character must be quoted"],
  ["BLOCK_AS_IMPLICIT_KEY", "a second `key:` on one line; quote text that contains `: `"],
  ["BLOCK_IN_FLOW", "a block inside brackets"],
  ["KEY_OVER_1024_CHARS", "a key longer than 1024 characters"],
  ["MISSING_CHAR", "a character is missing here: a quote, a bracket, a comma, a colon or a space"],
  ["MULTILINE_IMPLICIT_KEY", "a key that goes over several lines; is a `:` missing, or the indentation wrong?"],
  ["TAB_AS_INDENT", "tabs must not indent YAML"],
  ["UNEXPECTED_TOKEN", misplaced],
]);

const said: ReadonlySet<string> = new Set(problems.values());

/** Whether an error's words are those of `yamlProblem`: the text is not YAML, whatever a reader wants of it. */
export function isYamlProblem(problem: string): boolean {
  return said.has(problem);
}
