import { FormatError } from "../formats/format-error.ts";
import { goText, isGoNull } from "../formats/go-yaml.ts";
import type { YamlNode, YamlPosition } from "../formats/yaml-node.ts";
import { readParameterYaml } from "./parameter-yaml.ts";

/** One entry of a list whose entries are texts of YAML: where it starts, and its YAML or what is wrong with it. */
export interface TextEntry {
  readonly at: YamlPosition;
  /** Its positions are those of the whole text. Throws `FormatError`. */
  read(): YamlNode;
}

/**
 * The entries of a list of texts, each YAML of its own, as the Azure provider has them. Null is no entry. `source` is the text
 * that the nodes come from; `readText` reads one.
 */
export function textEntries(
  items: readonly YamlNode[],
  source: string,
  readText: (text: string) => YamlNode = readParameterYaml,
): readonly TextEntry[] {
  const lines = source.split("\n");
  const read = (item: YamlNode) => readEntry(item, lines, readText);
  return items.filter((item) => !isGoNull(item)).map((item) => ({ at: item.at, read: () => read(item) }));
}

/** The texts that the entries are, but for what is no text. */
export function entryTexts(items: readonly YamlNode[]): readonly string[] {
  return items.flatMap((item) => (isGoNull(item) ? [] : (attempt(() => goText(item)) ?? [])));
}

/** The node of a text entry of a whole parameter: `wrapper` names the list in it. Entries that cannot be read are left out. */
export function readableEntries(source: string, wrapper: string): readonly YamlNode[] {
  const node = attempt(() => readParameterYaml(source));
  const list =
    node?.kind === "map" ? node.entries.find(({ key }) => key.kind === "scalar" && key.text === wrapper) : undefined;
  const items = list?.value.kind === "list" ? list.value.items : [];
  return textEntries(items, source).flatMap((entry) => attempt(() => entry.read()) ?? []);
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

function readEntry(item: YamlNode, lines: readonly string[], readText: (text: string) => YamlNode): YamlNode {
  const place = placeIn(item.at, lines);
  const text = goText(item);
  try {
    return moved(readText(text), place);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const { line = 1, column = 1 } = error.position;
    throw new FormatError(error.problem, place({ line, column }), error.fix);
  }
}

type Place = (inside: YamlPosition) => YamlPosition;

/** Lines of a literal block are those of the text around it; of any other text the start is all that is known. */
function placeIn(at: YamlPosition, lines: readonly string[]): Place {
  if (lines[at.line - 1]?.charAt(at.column - 1) !== "|") return () => at;
  const first = lines.slice(at.line).find((line) => line.trim() !== "") ?? "";
  const indent = first.length - first.trimStart().length;
  return ({ line, column }) => ({ line: at.line + line, column: indent + column });
}

function moved(node: YamlNode, place: Place): YamlNode {
  const at = place(node.at);
  if (node.kind === "scalar") return { ...node, at };
  if (node.kind === "list") return { ...node, at, items: node.items.map((item) => moved(item, place)) };
  const entries = node.entries.map(({ key, value }) => ({ key: moved(key, place), value: moved(value, place) }));
  return { ...node, at, entries };
}
