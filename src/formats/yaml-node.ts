/** Where something starts, 1-based. */
export interface YamlPosition {
  readonly line: number;
  readonly column: number;
}

/** A scalar before anything is made of it. */
export interface YamlScalar {
  readonly kind: "scalar";
  /** The text after quoting, escapes and folding: `0600` stays `0600`. */
  readonly text: string;
  /** Neither quoted nor a block: the text decides the type. */
  readonly plain: boolean;
  /** An explicit tag in its short form, `!!str`. */
  readonly tag: string | undefined;
  readonly at: YamlPosition;
}

/** A sequence. */
interface YamlList {
  readonly kind: "list";
  readonly items: readonly YamlNode[];
  readonly at: YamlPosition;
}

/** A mapping as written: merges and duplicates are still in it. */
export interface YamlMap {
  readonly kind: "map";
  readonly entries: readonly YamlEntry[];
  readonly at: YamlPosition;
}

/** One key and its value. */
export interface YamlEntry {
  readonly key: YamlNode;
  readonly value: YamlNode;
}

/** A YAML value; an alias is the very node that its anchor names, so walk it only as `readYaml` bounds it. */
export type YamlNode = YamlScalar | YamlList | YamlMap;

/** Describes a node, for messages. */
export function describeYaml(node: YamlNode): string {
  if (node.kind !== "scalar") return `a ${node.kind}`;
  if (node.plain && node.text === "") return "nothing";
  return "text";
}
