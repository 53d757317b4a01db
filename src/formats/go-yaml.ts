import { FormatError } from "./format-error.ts";
import { type GoYaml, resolveGoScalar } from "./go-yaml-scalar.ts";
import { describeYaml, type YamlEntry, type YamlMap, type YamlNode, type YamlPosition } from "./yaml-node.ts";

/** A field of a mapping: its value, and where its name stands. */
export interface YamlField {
  readonly value: YamlNode;
  readonly at: YamlPosition;
}

/** True for what Go's yaml takes for null: nothing at all, `~`, `null`. */
export function isGoNull(node: YamlNode | undefined): boolean {
  if (node === undefined) return true;
  if (node.kind !== "scalar" || !/^(?:|~|null|Null|NULL)$/.test(node.text)) return false;
  return node.tag === undefined ? node.plain : node.tag === "!!null";
}

/** The items of a list; null is an empty one. Throws `FormatError` for a map or text. */
export function goList(node: YamlNode): readonly YamlNode[] {
  if (node.kind === "list") return node.items;
  if (isGoNull(node)) return [];
  throw new FormatError(`a list is needed, not ${describeYaml(node)}`, node.at);
}

/** The fields of mappings: merges can make that much more than is written, and a schema's every complaint asks again. */
const known: Readonly<Record<GoYaml, WeakMap<YamlMap, ReadonlyMap<string, YamlField>>>> = {
  v2: new WeakMap(),
  v3: new WeakMap(),
};

/**
 * The fields of a mapping by their names' source text, merges (`<<`) applied; null has none.
 * `v3` refuses a key that appears twice and lets a mapping's own keys win over merged ones; `v2` takes whatever comes
 * last. Throws `FormatError`.
 */
export function goFields(node: YamlNode, yaml: GoYaml): ReadonlyMap<string, YamlField> {
  if (node.kind === "map") {
    const fields = known[yaml].get(node) ?? (yaml === "v2" ? fieldsOfV2(node) : fieldsOfV3(node));
    known[yaml].set(node, fields);
    return fields;
  }
  if (isGoNull(node)) return new Map();
  throw new FormatError(`a map is needed, not ${describeYaml(node)}`, node.at);
}

function fieldsOfV2(map: YamlMap): ReadonlyMap<string, YamlField> {
  const fields = new Map<string, YamlField>();
  for (const { key, value } of map.entries) {
    if (!isMergeKey(key)) fields.set(keyText(key), { value, at: key.at });
    else for (const [name, field] of mergedFields(value, "v2")) fields.set(name, field);
  }
  return fields;
}

/** Keys count as repeated by their source text; a name is what a text field would make of it, and null is none. */
function fieldsOfV3(map: YamlMap): ReadonlyMap<string, YamlField> {
  const fields = new Map<string, YamlField>();
  const seen = new Map<string, YamlPosition>();
  let merged: YamlEntry | undefined;
  for (const entry of map.entries) {
    const { key, value } = entry;
    const text = keyText(key);
    const first = seen.get(text);
    if (first !== undefined) throw repeated(text, key.at, first);
    seen.set(text, key.at);
    if (isMergeKey(key)) merged = entry;
    else if (!isGoNull(key)) fields.set(goText(key), { value, at: key.at });
  }
  return merged === undefined ? fields : new Map([...mergedFields(merged.value, "v3"), ...fields]);
}

/** A quoted `"<<"` is an ordinary key. */
function isMergeKey(key: YamlNode): boolean {
  return key.kind === "scalar" && key.plain && key.text === "<<";
}

function keyText(key: YamlNode): string {
  if (key.kind === "scalar") return key.text;
  throw new FormatError(`a key must be text, not ${describeYaml(key)}`, key.at);
}

function repeated(name: string, at: YamlPosition, first: YamlPosition): FormatError {
  return new FormatError(`key ${JSON.stringify(name.slice(0, 256))} appears twice (first at line ${first.line})`, at);
}

/** Of several merged mappings the first one wins. */
function mergedFields(node: YamlNode, yaml: GoYaml): ReadonlyMap<string, YamlField> {
  const sources = node.kind === "list" ? node.items : [node];
  const fields = new Map<string, YamlField>();
  for (const source of [...sources].reverse()) {
    if (source.kind !== "map") throw new FormatError("`<<` needs a map or a list of maps", source.at);
    for (const [name, field] of goFields(source, yaml)) fields.set(name, field);
  }
  return fields;
}

/** The error for a list or a map where text belongs. */
export function notText(node: YamlNode): FormatError {
  const fix = "write one text, in quotes if it begins with a bracket";
  return new FormatError(`text is needed, not ${describeYaml(node)}`, node.at, undefined, fix);
}

/** A text field as yaml.v3 fills it: the source text of any scalar, `""` for null. Throws `FormatError`. */
export function goText(node: YamlNode | undefined): string {
  if (node === undefined) return "";
  if (node.kind !== "scalar") throw notText(node);
  const resolved = resolveGoScalar(node, "v3");
  if (resolved.type === "null") return "";
  return node.tag === "!!binary" && resolved.type === "text" ? resolved.value : node.text;
}

/**
 * A uint32 field as yaml.v3 fills it: `0600` and `0o600` are octal, `0888` is 888, fractions are cut off, null is 0.
 * Throws `FormatError` for text, so for anything quoted, and for what does not fit into 32 bits.
 */
export function goUint32(node: YamlNode | undefined): number {
  if (node === undefined) return 0;
  if (node.kind !== "scalar") throw new FormatError(`a number is needed, not ${describeYaml(node)}`, node.at);
  const resolved = resolveGoScalar(node, "v3");
  if (resolved.type === "null") return 0;
  if (resolved.type !== "int" && resolved.type !== "float") {
    throw new FormatError("a number without quotes is needed", node.at);
  }
  const whole = Math.trunc(Number(resolved.value));
  if (whole >= 0 && whole <= 0xffffffff) return Math.abs(whole);
  throw new FormatError("a number from 0 to 4294967295 is needed", node.at);
}
