import { FormatError } from "./format-error.ts";
import { goTimestamp } from "./go-timestamp.ts";
import { goFields, isGoNull } from "./go-yaml.ts";
import { binaryText, type GoScalar, resolveGoScalar } from "./go-yaml-scalar.ts";
import { JsonNumber, type JsonObject, type JsonValue } from "./json.ts";
import { describeYaml, type YamlMap, type YamlNode, type YamlScalar } from "./yaml-node.ts";

/**
 * A map as yaml.v3 decodes it into `map[string]interface{}`, in the form in which Go's `json.Marshal` then writes it:
 * `yes` is text, `010` is 8, dates become RFC 3339, integers above 64 bits become floats. Undefined for null.
 * Throws `FormatError` for anything else than a map, and for what JSON has no words for: `.inf`, keys of an inner map that
 * are no text.
 */
export function goYamlJson(node: YamlNode | undefined): JsonObject | undefined {
  if (node === undefined || isGoNull(node)) return undefined;
  if (node.kind === "map") return membersOf(node);
  throw new FormatError(`a map is needed, not ${describeYaml(node)}`, node.at);
}

function jsonValue(node: YamlNode): JsonValue {
  if (node.kind === "scalar") return scalarValue(node);
  if (node.kind === "list") return node.items.map(jsonValue);
  for (const { key } of node.entries) {
    if (isText(key)) continue;
    throw new FormatError(
      "a key inside secretArgs must be text, because JSON has no other keys; put it in quotes",
      key.at,
    );
  }
  return membersOf(node);
}

/** Keys become text, whatever they are; one that is null has no text and is passed over. */
function membersOf(map: YamlMap): JsonObject {
  return new Map([...goFields(map, "v3")].map(([name, { value }]) => [name, jsonValue(value)]));
}

/** Whether yaml.v3 takes a key for text. A plain `<<` is a merge, and those are allowed too. */
function isText(key: YamlNode): boolean {
  if (key.kind !== "scalar") return false;
  if (key.tag !== undefined) return key.tag === "!!str";
  return !key.plain || (resolveGoScalar(key, "v3").type === "text" && goTimestamp(key.text) === undefined);
}

function scalarValue(scalar: YamlScalar): JsonValue {
  // Of bytes that are no text Go's JSON makes an escape, as it does of half a surrogate pair.
  if (scalar.tag === "!!binary") return binaryText(scalar, "\ud800");
  const time = timeOf(scalar);
  return time ?? jsonOf(resolveGoScalar(scalar, "v3"), scalar);
}

/** Plain text can be a time; with the tag it has to be one. */
function timeOf({ text, plain, tag, at }: YamlScalar): string | undefined {
  const tagged = tag === "!!timestamp";
  if (!tagged && (!plain || tag !== undefined)) return undefined;
  const time = goTimestamp(text);
  if (time === null) throw new FormatError("a time zone that JSON cannot hold", at);
  if (tagged && time === undefined) throw new FormatError("text that does not fit its tag !!timestamp", at);
  return time;
}

function jsonOf(scalar: GoScalar, { at }: YamlScalar): JsonValue {
  switch (scalar.type) {
    case "null":
      return null;
    case "int":
      return new JsonNumber(String(scalar.value));
    case "float":
      if (!Number.isFinite(scalar.value)) throw new FormatError("a number that JSON cannot hold", at);
      return new JsonNumber(goFloatText(scalar.value));
    default:
      return scalar.value;
  }
}

/** Go's JSON and JavaScript write floats alike (ES6 was Go's model), but for the sign of zero. */
function goFloatText(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}
