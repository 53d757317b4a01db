import { isUtf8 } from "node:buffer";
import { FormatError } from "./format-error.ts";
import { goTimestamp } from "./go-timestamp.ts";
import { goFields, isGoNull } from "./go-yaml.ts";
import { resolveGoScalar } from "./go-yaml-scalar.ts";
import { isJsonArray, isJsonObject, JsonNumber, type JsonValue } from "./json.ts";
import { readYaml } from "./read-yaml.ts";
import type { YamlNode } from "./yaml-node.ts";

/** The members of a document, by name: text, or undefined for what is no text. */
export type TextMembers = ReadonlyMap<string, string | undefined>;

/**
 * Returns the members of a JSON object as Go's encoding/json decodes it into a map; null has none. Throws `FormatError` for
 * anything else, and for a number that no float64 holds, wherever it stands.
 */
export function jsonTextMembers(value: JsonValue): TextMembers {
  refuseLargeNumbers(value);
  if (value === null) return new Map();
  if (!isJsonObject(value)) throw new FormatError("a JSON object is needed");
  return new Map([...value].map(([name, member]) => [name, typeof member === "string" ? member : undefined]));
}

function refuseLargeNumbers(value: JsonValue): void {
  const open: JsonValue[] = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next instanceof JsonNumber && !Number.isFinite(Number(next.text))) {
      throw new FormatError("a number is larger than any that a JSON reader holds");
    }
    if (isJsonArray(next)) open.push(...next);
    else if (isJsonObject(next)) open.push(...next.values());
  }
}

/**
 * Returns the members of a YAML mapping as yaml.v3 decodes it into a map: names that are numbers or booleans by their text, merges
 * applied, dates no text. A document without content has none. Throws `FormatError`, whose text quotes nothing.
 */
export function yamlTextMembers(bytes: Uint8Array): TextMembers {
  if (!isUtf8(bytes)) throw new FormatError("it is not UTF-8");
  try {
    const document = readYaml(Buffer.from(bytes).toString("utf8"));
    if (document.kind !== "map" && !isGoNull(document)) throw new FormatError("a map is needed", document.at);
    const fields = goFields(document, "v3");
    for (const { value } of fields.values()) check(value);
    return new Map([...fields].map(([name, { value }]) => [name, textOf(value)]));
  } catch (thrown) {
    // Names and values of a secret can stand in what a reader says.
    throw thrown instanceof FormatError ? new FormatError("it is not a YAML map", thrown.position) : thrown;
  }
}

/** Go decodes all of a document, so what is wrong anywhere in it counts. */
function check(node: YamlNode): void {
  if (node.kind === "scalar") resolveGoScalar(node, "v3");
  else if (node.kind === "list") node.items.forEach(check);
  else for (const { value } of goFields(node, "v3").values()) check(value);
}

function textOf(node: YamlNode): string | undefined {
  if (node.kind !== "scalar") return undefined;
  const scalar = resolveGoScalar(node, "v3");
  if (scalar.type !== "text" || node.tag === "!!timestamp") return undefined;
  const isTime = node.plain && node.tag === undefined && goTimestamp(node.text) !== undefined;
  return isTime ? undefined : scalar.value;
}
