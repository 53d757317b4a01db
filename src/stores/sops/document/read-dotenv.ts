import { FormatError } from "../../../formats/format-error.ts";
import { textOf } from "./text-of.ts";
import { type ReadFile, type Tree, type TreeComment, TreeMap } from "./tree.ts";

/** Reads a document of `KEY=value` lines, where `\n` stands for a line break. Throws `FormatError`. */
export function readDotenvFile(bytes: Uint8Array): ReadFile {
  const entries: (readonly [string, Tree])[] = [];
  const comments: TreeComment[] = [];
  for (const [index, line] of textOf(bytes).split("\n").entries()) {
    if (line === "") continue;
    if (line.startsWith("#")) {
      comments.push({ text: line.slice(1), paths: [[]] });
      continue;
    }
    const at = line.indexOf("=");
    if (at < 0) throw new FormatError("a line without `=`", { line: index + 1 });
    entries.push([line.slice(0, at), line.slice(at + 1).replaceAll("\\n", "\n")]);
  }
  return { branches: [new TreeMap(entries)], comments };
}
