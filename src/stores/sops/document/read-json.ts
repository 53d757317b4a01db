import { FormatError } from "../../../formats/format-error.ts";
import { isJsonArray, isJsonObject, JsonNumber, type JsonValue, parseJson } from "../../../formats/json.ts";
import { type ReadFile, type Tree, TreeMap } from "./tree.ts";

/** Reads a document in JSON. Throws `FormatError`. */
export function readJsonFile(bytes: Uint8Array): ReadFile {
  const value = treeOf(parseJson(bytes));
  if (!(value instanceof TreeMap)) throw new FormatError("the document is not a JSON object");
  return { branches: [value], comments: [] };
}

/** Recursion is bounded: a document that nests deeper is refused. */
function treeOf(value: JsonValue, depth = 0): Tree {
  if (depth > mostDepth) throw new FormatError(`the document nests deeper than ${mostDepth} levels`);
  if (value instanceof JsonNumber) return numberOf(value.text);
  if (isJsonArray(value)) return value.map((item) => treeOf(item, depth + 1));
  if (isJsonObject(value)) return new TreeMap([...value].map(([key, member]) => [key, treeOf(member, depth + 1)]));
  return value;
}

const mostDepth = 200;

/** An integer within 64 bits, or a float, as the tool has it. */
function numberOf(text: string): bigint | number {
  if (/^-?[0-9]+$/.test(text)) {
    const whole = BigInt(text);
    if (whole >= -(2n ** 63n) && whole < 2n ** 63n) return whole;
  }
  const float = Number(text);
  if (!Number.isFinite(float)) throw new FormatError("the document has a number that is too large");
  return float;
}
