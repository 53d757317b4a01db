import { turns } from "../async/turns.ts";
import type { YamlEntry, YamlNode, YamlPosition } from "./yaml-node.ts";

/** A tree of YAML as two lists, for the way between processes: as objects it would take longer to copy than to read. */
export interface PackedYaml {
  /** Every text and tag once. */
  readonly texts: readonly string[];
  /**
   * Each node once, what it consists of before it: its kind, line and column; then of a scalar text and tag, of a list the
   * number of its items and each item's place in this order, of a map the same of keys and values in turn.
   */
  readonly numbers: Int32Array;
}

const kinds = { list: 0, map: 1, quoted: 2, plain: 3 } as const;

/** Packs a tree; a node that aliases share stays one. */
export function packYaml(root: YamlNode): PackedYaml {
  const texts = new Map<string, number>();
  const numbers: number[] = [];
  const places = new Map<YamlNode, number>();
  const textAt = (text: string | undefined): number => {
    if (text === undefined) return -1;
    const known = texts.get(text) ?? texts.size;
    texts.set(text, known);
    return known;
  };
  const pack = (node: YamlNode): number => {
    const known = places.get(node);
    if (known !== undefined) return known;
    const { line, column } = node.at;
    if (node.kind === "scalar") {
      numbers.push(node.plain ? kinds.plain : kinds.quoted, line, column, textAt(node.text), textAt(node.tag));
    } else {
      const inside = node.kind === "list" ? node.items : node.entries.flatMap(({ key, value }) => [key, value]);
      const at = inside.map(pack);
      numbers.push(kinds[node.kind], line, column, at.length);
      for (const place of at) numbers.push(place);
    }
    places.set(node, places.size);
    return places.size - 1;
  };
  pack(root);
  return { texts: [...texts.keys()], numbers: Int32Array.from(numbers) };
}

/** The tree again, made in turns with everything else that the process does. Throws for what `packYaml` has not made. */
export async function unpackYaml({ texts, numbers }: PackedYaml): Promise<YamlNode> {
  const nodes: YamlNode[] = [];
  const nodeAt = (place: number | undefined): YamlNode => {
    const node = nodes[place ?? -1];
    if (node === undefined) throw new Error("no packed YAML");
    return node;
  };
  const pause = turns();
  for (let at = 0; at < numbers.length; ) {
    const [kind, line = 1, column = 1, first = 0, second = -1] = numbers.subarray(at, at + 5);
    const place: YamlPosition = { line, column };
    if (kind === kinds.quoted || kind === kinds.plain) {
      const tag = second < 0 ? undefined : texts[second];
      nodes.push({ kind: "scalar", text: texts[first] ?? "", plain: kind === kinds.plain, tag, at: place });
      at += 5;
    } else {
      const inside = Array.from(numbers.subarray(at + 4, at + 4 + first), nodeAt);
      nodes.push(
        kind === kinds.list
          ? { kind: "list", items: inside, at: place }
          : { kind: "map", entries: pairs(inside), at: place },
      );
      at += 4 + first;
    }
    const waiting = pause();
    if (waiting !== undefined) await waiting;
  }
  return nodeAt(nodes.length - 1);
}

function pairs(inside: readonly YamlNode[]): readonly YamlEntry[] {
  const entries: YamlEntry[] = [];
  for (let at = 0; at + 1 < inside.length; at += 2) {
    const [key, value] = [inside[at], inside[at + 1]];
    if (key !== undefined && value !== undefined) entries.push({ key, value });
  }
  return entries;
}
