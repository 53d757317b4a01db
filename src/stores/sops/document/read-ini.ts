import { FormatError } from "../../../formats/format-error.ts";
import { textOf } from "./text-of.ts";
import { type ReadFile, type Tree, type TreeComment, TreeMap } from "./tree.ts";

interface Section {
  readonly name: string;
  readonly entries: Map<string, Tree>;
}

/** The section of what stands before the first header. */
const firstSection = "DEFAULT";

/**
 * Reads a document of sections. What is read otherwise than the tool reads it does not fit the document's seal, so that it
 * is refused and never taken for something else. Throws `FormatError`.
 */
export function readIniFile(bytes: Uint8Array): ReadFile {
  const sections: Section[] = [];
  const comments: TreeComment[] = [];
  let current: Section = { name: firstSection, entries: new Map() };
  sections.push(current);
  const lines = textOf(bytes).split(/\r?\n/);
  let held: string[] = [];
  const keep = (...paths: readonly (readonly string[])[]) => {
    for (const text of held) comments.push({ text, paths });
    held = [];
  };
  for (let at = 0; at < lines.length; at += 1) {
    const line = (lines[at] ?? "").trim();
    if (line === "") continue;
    if (/^[;#]/.test(line)) {
      held.push(line.replace(/^;[; ]*|^#[# ]*/, ""));
      continue;
    }
    const header = /^\[(.*)\]$/.exec(line)?.[1]?.trim();
    if (header !== undefined) {
      current = { name: header, entries: new Map() };
      sections.push(current);
      keep([header]);
      continue;
    }
    const { key, rest } = keyOf(line, at);
    const { value, next } = readValue(rest, lines, at);
    at = next;
    keep([current.name], [current.name, key]);
    // The last one of a name counts, in the place of the first.
    current.entries.set(key, value);
  }
  keep([current.name]);
  return { branches: [new TreeMap(sections.map(({ name, entries }) => [name, new TreeMap([...entries])]))], comments };
}

function keyOf(line: string, at: number): { readonly key: string; readonly rest: string } {
  const quote = /^("""|"|`)/.exec(line)?.[1];
  if (quote !== undefined) {
    const end = line.indexOf(quote, quote.length);
    const after = line.slice(end + quote.length).trimStart();
    if (end >= 0 && /^[=:]/.test(after)) return { key: line.slice(quote.length, end), rest: after.slice(1).trim() };
  }
  const end = line.search(/[=:]/);
  if (end <= 0) throw new FormatError("a line without `=`", { line: at + 1 });
  return { key: line.slice(0, end).trim(), rest: line.slice(end + 1).trim() };
}

/** The value that begins on a line, and the line that it ends on. */
function readValue(
  rest: string,
  lines: readonly string[],
  at: number,
): { readonly value: string; readonly next: number } {
  const quote = ['"""', "`"].find((each) => rest.startsWith(each));
  if (quote !== undefined) return readQuoted(quote, lines, at);
  const comment = rest.search(/\s[;#]|^[;#]/);
  const value = comment < 0 ? rest : rest.slice(0, comment).trim();
  const inner = /^(["'])(.*)\1$/.exec(value)?.[2];
  const isWhole = inner !== undefined && value.length > 1 && !inner.includes(value[0] ?? "");
  return { value: isWhole ? inner : value, next: at };
}

/** A value in quotes that hold line breaks. */
function readQuoted(quote: string, lines: readonly string[], at: number) {
  const line = lines[at] ?? "";
  const parts: string[] = [];
  let text = line.slice(line.indexOf(quote) + quote.length);
  for (let next = at; next < lines.length; next += 1) {
    const end = text.lastIndexOf(quote);
    if (end >= 0) return { value: [...parts, text.slice(0, end)].join("\n"), next };
    parts.push(text);
    text = lines[next + 1] ?? "";
  }
  throw new FormatError("a quote that is not closed", { line: at + 1 });
}
