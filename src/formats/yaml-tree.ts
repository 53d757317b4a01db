import { isAlias, isMap, isScalar, isSeq, type Node } from "yaml";
import { FormatError } from "./format-error.ts";
import { typedTags } from "./go-yaml-scalar.ts";
import type { YamlEntry, YamlNode, YamlPosition, YamlScalar } from "./yaml-node.ts";

/** Most values that a document may come to when every alias is written out. Go's own limit depends on shares and sizes. */
const maxValues = 100_000;

/** A finished node with what it comes to when its aliases are written out. */
interface Built {
  readonly node: YamlNode;
  readonly values: number;
  readonly depth: number;
}

/**
 * The library's nodes as our tree. `positionOf` turns an offset into line and column. Throws `FormatError` for an
 * unknown or circular alias, an unknown tag, more than 100,000 values, or more than `maxDepth` levels.
 */
export function buildYamlTree(
  root: Node | null,
  positionOf: (offset: number) => YamlPosition,
  maxDepth: number,
): YamlNode {
  return new TreeBuilder(positionOf, maxDepth).build(root, 0).node;
}

class TreeBuilder {
  readonly #positionOf: (offset: number) => YamlPosition;
  readonly #maxDepth: number;
  /** `undefined` while the anchored node itself is being built. */
  readonly #anchors = new Map<string, Built | undefined>();

  constructor(positionOf: (offset: number) => YamlPosition, maxDepth: number) {
    this.#positionOf = positionOf;
    this.#maxDepth = maxDepth;
  }

  /** `offset` places a node that is not written at all, such as the value in `{ a }`. */
  build(node: Node | null, offset: number): Built {
    const start = node?.range?.[0] ?? offset;
    const at = this.#positionOf(start);
    if (isAlias(node)) return this.#alias(node.source, at);
    const anchor = isScalar(node) || isSeq(node) || isMap(node) ? node.anchor : undefined;
    if (anchor !== undefined) this.#anchors.set(anchor, undefined);
    const built = this.#contents(node, start, at);
    if (built.values > maxValues) throw new FormatError(`YAML comes to more than ${maxValues} values`, at);
    if (built.depth > this.#maxDepth) throw new FormatError(`YAML nests deeper than ${this.#maxDepth} levels`, at);
    if (anchor !== undefined) this.#anchors.set(anchor, built);
    return built;
  }

  #alias(anchor: string, at: YamlPosition): Built {
    const target = this.#anchors.get(anchor);
    if (target !== undefined) return target;
    const known = this.#anchors.has(anchor);
    throw new FormatError(known ? "an anchor that contains itself" : "an alias to an unknown anchor", at);
  }

  #contents(node: Node | null, start: number, at: YamlPosition): Built {
    if (isSeq<Node | null>(node)) {
      refuseTag(node.tag, "!!seq", at);
      const items = node.items.map((item) => this.build(item, start));
      return { node: { kind: "list", items: items.map((item) => item.node), at }, ...totals(items) };
    }
    if (isMap<Node | null, Node | null>(node)) {
      refuseTag(node.tag, "!!map", at);
      return this.#map(node.items, start, at);
    }
    return { node: scalarOf(node, at), values: 1, depth: 0 };
  }

  #map(
    pairs: readonly { readonly key: Node | null; readonly value: Node | null }[],
    start: number,
    at: YamlPosition,
  ): Built {
    const parts: Built[] = [];
    const entries: YamlEntry[] = [];
    for (const pair of pairs) {
      const key = this.build(pair.key, start);
      const value = this.build(pair.value, pair.key?.range?.[1] ?? start);
      parts.push(key, value);
      entries.push({ key: key.node, value: value.node });
    }
    return { node: { kind: "map", entries, at }, ...totals(parts) };
  }
}

function totals(parts: readonly Built[]): { readonly values: number; readonly depth: number } {
  let values = 1;
  let depth = 0;
  for (const part of parts) {
    values += part.values;
    depth = Math.max(depth, part.depth);
  }
  return { values, depth: depth + 1 };
}

function scalarOf(node: Node | null, at: YamlPosition): YamlScalar {
  if (!isScalar(node)) return { kind: "scalar", text: "", plain: true, tag: undefined, at };
  const tag = shortTag(node.tag);
  const text = node.source ?? "";
  if (!text.isWellFormed()) throw new FormatError("half of a surrogate pair in text", at);
  const decidedByText = tag === undefined || typedTags.has(tag);
  const unquoted = node.type === undefined || node.type === "PLAIN";
  return { kind: "scalar", text, plain: unquoted && decidedByText, tag, at };
}

function refuseTag(tag: string | undefined, allowed: string, at: YamlPosition): void {
  if (tag !== undefined && shortTag(tag) !== allowed) throw new FormatError("a tag that is not supported here", at);
}

const longPrefix = "tag:yaml.org,2002:";

/** `!` alone says "not plain" of a scalar; Go takes it for text. */
function shortTag(tag: string | undefined): string | undefined {
  if (tag === "!") return "!!str";
  return tag?.startsWith(longPrefix) ? `!!${tag.slice(longPrefix.length)}` : tag;
}
