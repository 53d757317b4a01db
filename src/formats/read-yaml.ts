import { Composer, type Document, Lexer, LineCounter, type ParsedNode, Parser } from "yaml";
import { FormatError } from "./format-error.ts";
import type { YamlNode } from "./yaml-node.ts";
import { buildYamlTree } from "./yaml-tree.ts";

/** Longest text that is read, in UTF-16 code units. Composing takes about half a second a MiB. */
export const maxYamlLength = 128 * 1024;

/** Collections may nest this deep, aliases followed. */
const maxYamlDepth = 200;

/**
 * Reads the first document of a YAML text into a tree of undecided scalars; what follows it is not looked at, as in Go.
 * Aliases are followed and counted (at most 100,000 values in all), length and nesting are bounded.
 * Throws `FormatError` with line and column.
 */
export function readYaml(text: string): YamlNode {
  if (text.length > maxYamlLength) throw new FormatError(`YAML is longer than ${maxYamlLength} characters`);
  const lines = new LineCounter();
  const source = text.toWellFormed();
  refuseControls(source, lines);
  const document = composeFirst(source, lines);
  const [error] = document.errors;
  if (error !== undefined) {
    throw new FormatError(yamlProblem(error.code), position(lines, error.pos[0]));
  }
  return buildYamlTree(document.contents, (offset) => position(lines, offset), maxYamlDepth);
}

/** No schema of the library decides about scalars: which type a text has is the reader's to say. */
const options = {
  schema: "failsafe",
  merge: false,
  uniqueKeys: false,
  resolveKnownTags: false,
  strict: false,
  logLevel: "silent",
} as const;

function composeFirst(source: string, lines: LineCounter): Document.Parsed<ParsedNode> {
  const composer = new Composer<ParsedNode>(options);
  for (const token of firstDocumentTokens(source, lines)) {
    for (const document of composer.next(token)) return document;
  }
  for (const document of composer.end(true, source.length)) return document;
  throw new FormatError("no YAML document");
}

/** The tokens up to the first document. The parser's stack is watched, for it unwinds by recursion. */
function* firstDocumentTokens(source: string, lines: LineCounter) {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(source)) {
    for (const token of parser.next(lexeme)) {
      // At the first one: thousands would take the library seconds.
      if (token.type === "error") throw new FormatError(misplaced, position(lines, token.offset));
      yield token;
      if (token.type === "document") return;
    }
    if (parser.stack.length > maxYamlDepth) {
      const at = position(lines, parser.offset);
      throw new FormatError(`YAML nests deeper than ${maxYamlDepth} levels`, at);
    }
  }
  yield* parser.end();
}

/** What libyaml calls unacceptable; the library would take it. */
const unacceptable = /[^\P{Cc}\t\n\r\u0085]|[\ufffe\uffff]/u;

function refuseControls(source: string, lines: LineCounter): void {
  const offset = source.search(unacceptable);
  if (offset < 0) return;
  lines.addNewLine(0);
  for (let end = source.indexOf("\n"); end >= 0 && end < offset; end = source.indexOf("\n", end + 1)) {
    lines.addNewLine(end + 1);
  }
  throw new FormatError("YAML must not contain control characters", position(lines, offset));
}

function position(lines: LineCounter, offset: number): { readonly line: number; readonly column: number } {
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}

const misplaced = "this does not belong here; check indentation and quotes";

/** What an error code of the YAML library means, in words that quote nothing. */
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
