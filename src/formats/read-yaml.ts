import { Composer, type Document, LineCounter, type ParsedNode } from "yaml";
import { FormatError } from "./format-error.ts";
import type { YamlNode, YamlPosition } from "./yaml-node.ts";
import { composerOptions, maxYamlDepth, yamlPlace, yamlProblem, yamlTokens } from "./yaml-tokens.ts";
import { buildYamlTree } from "./yaml-tree.ts";

/** Longest text that is read, in UTF-16 code units. Composing takes about half a second a MiB. */
export const maxYamlLength = 128 * 1024;

/**
 * Reads the first document of a YAML text into a tree of undecided scalars; what follows it is not looked at, as in Go.
 * Aliases are followed and counted (at most 100,000 values in all), length and nesting are bounded.
 * Throws `FormatError` with line and column.
 */
export function readYaml(text: string): YamlNode {
  const lines = new LineCounter();
  const source = checkedSource(text, lines);
  return treeOf(composeFirst(source, lines), lines);
}

/** All documents of a text, and its comments without the `#`. */
export interface YamlDocuments {
  readonly documents: readonly YamlNode[];
  readonly comments: readonly { readonly text: string; readonly at: YamlPosition }[];
}

/** Reads all documents of a YAML text as `readYaml` reads the first one. Throws `FormatError`. */
export function readYamlDocuments(text: string): YamlDocuments {
  const lines = new LineCounter();
  const source = checkedSource(text, lines);
  const composer = new Composer<ParsedNode>(composerOptions);
  const composed: Document.Parsed<ParsedNode>[] = [];
  const comments: YamlDocuments["comments"][number][] = [];
  for (const token of yamlTokens(source, lines)) {
    for (const found of commentsIn(token)) {
      comments.push({ text: found.source.slice(1), at: yamlPlace(lines, found.offset) });
    }
    composed.push(...composer.next(token));
  }
  composed.push(...composer.end());
  return { documents: composed.map((document) => treeOf(document, lines)), comments };
}

/** A token of the library, or what is inside one. */
function commentsIn(token: unknown): readonly { readonly source: string; readonly offset: number }[] {
  if (Array.isArray(token)) return token.flatMap(commentsIn);
  if (typeof token !== "object" || token === null) return [];
  const { type, source, offset, start, key, sep, value, end, items, props } = token as Readonly<
    Record<string, unknown>
  >;
  const own =
    type === "comment" && typeof source === "string" && typeof offset === "number" ? [{ source, offset }] : [];
  return [...own, ...[start, props, key, sep, value, items, end].flatMap(commentsIn)];
}

function checkedSource(text: string, lines: LineCounter): string {
  if (text.length > maxYamlLength) throw new FormatError(`YAML is longer than ${maxYamlLength} characters`);
  const source = text.toWellFormed();
  refuseControls(source, lines);
  return source;
}

function treeOf(document: Document.Parsed<ParsedNode>, lines: LineCounter): YamlNode {
  const [error] = document.errors;
  if (error !== undefined) throw new FormatError(yamlProblem(error.code), yamlPlace(lines, error.pos[0]));
  return buildYamlTree(document.contents, (offset) => yamlPlace(lines, offset), maxYamlDepth);
}

function composeFirst(source: string, lines: LineCounter): Document.Parsed<ParsedNode> {
  const composer = new Composer<ParsedNode>(composerOptions);
  for (const token of yamlTokens(source, lines)) {
    for (const document of composer.next(token)) return document;
    if (token.type === "document") break;
  }
  for (const document of composer.end(true, source.length)) return document;
  throw new FormatError("no YAML document");
}

/** The characters that libyaml calls unacceptable; the library would take them. */
const unacceptable = /[^\P{Cc}\t\n\r\u0085]|[\ufffe\uffff]/u;

function refuseControls(source: string, lines: LineCounter): void {
  const offset = source.search(unacceptable);
  if (offset < 0) return;
  lines.addNewLine(0);
  for (let end = source.indexOf("\n"); end >= 0 && end < offset; end = source.indexOf("\n", end + 1)) {
    lines.addNewLine(end + 1);
  }
  throw new FormatError("YAML must not contain control characters", yamlPlace(lines, offset));
}
