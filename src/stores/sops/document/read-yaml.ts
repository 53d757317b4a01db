import { FormatError } from "../../../formats/format-error.ts";
import { goTimestamp } from "../../../formats/go-timestamp.ts";
import { resolveGoScalar } from "../../../formats/go-yaml-scalar.ts";
import { readYamlDocuments, type YamlDocuments } from "../../../formats/read-yaml.ts";
import type { YamlMap, YamlNode, YamlScalar } from "../../../formats/yaml-node.ts";
import { looksEncrypted } from "./cipher.ts";
import { textOf } from "./text-of.ts";
import { type Leaf, type ReadFile, Timestamp, type Tree, type TreeComment, TreeMap } from "./tree.ts";

/** Where a value stands. */
interface Spot {
  readonly line: number;
  readonly path: readonly string[];
}

/** Reads documents in YAML, each of which is a map. Throws `FormatError`. */
export function readYamlFile(bytes: Uint8Array): ReadFile {
  const { documents, comments } = readYamlDocuments(textOf(bytes));
  const spots: Spot[] = [];
  const branches = documents.map((document) => branchOf(document, spots));
  // Another one is nobody's secret, and there may be very many.
  const sealed = comments.filter(({ text }) => looksEncrypted(text.trim()));
  return { branches, comments: sealed.map((comment) => placed(comment, spots)) };
}

function branchOf(node: YamlNode, spots: Spot[]): TreeMap {
  if (node.kind === "map") return mapOf(node, [], spots);
  if (node.kind === "scalar" && node.plain && resolveGoScalar(node, "v3").type === "null") return new TreeMap([]);
  throw new FormatError("the document is not a map", node.at);
}

/** Recursion is safe: `readYamlDocuments` bounds depth and size, aliases counted. */
function treeOf(node: YamlNode, path: readonly string[], spots: Spot[]): Tree {
  spots.push({ line: node.at.line, path });
  if (node.kind === "scalar") return leafOf(node);
  if (node.kind === "list") return node.items.map((item) => treeOf(item, path, spots));
  return mapOf(node, path, spots);
}

function mapOf({ entries }: YamlMap, path: readonly string[], spots: Spot[]): TreeMap {
  return new TreeMap(
    entries.map(({ key, value }) => {
      const name = key.kind === "scalar" ? leafOf(key) : undefined;
      if (typeof name !== "string") throw new FormatError("a key that is not text", key.at);
      const inside = [...path, name];
      spots.push({ line: key.at.line, path: inside });
      return [name, treeOf(value, inside, spots)];
    }),
  );
}

/** A scalar as Go's yaml.v3 decodes it where no type is asked for. */
function leafOf(scalar: YamlScalar): Leaf {
  if (scalar.tag === "!!timestamp" || (scalar.plain && scalar.tag === undefined)) {
    const time = goTimestamp(scalar.text);
    if (typeof time === "string") return new Timestamp(time);
  }
  const resolved = resolveGoScalar(scalar, "v3");
  return resolved.type === "null" ? null : resolved.value;
}

/** A comment belongs to a map or list that a value next to it is in; which one, its seal tells. */
function placed({ text, at }: YamlDocuments["comments"][number], spots: readonly Spot[]): TreeComment {
  const next = spots.findIndex(({ line }) => line >= at.line);
  const after = next < 0 ? spots.length : next;
  const onLine = spots.filter(({ line }) => line === at.line);
  const beside = [...onLine.slice(0, 2), ...onLine.slice(-2)];
  const paths = [...beside, spots[after], spots[after - 1]].flatMap((spot) =>
    spot === undefined ? [] : prefixes(spot.path),
  );
  return { text, paths: [[], ...paths] };
}

function prefixes(path: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: path.length + 1 }, (_, length) => path.slice(0, path.length - length));
}
