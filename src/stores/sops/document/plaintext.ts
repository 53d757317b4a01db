import { FormatError } from "../../../formats/format-error.ts";
import { writeGoJson } from "../../../formats/go-json.ts";
import { decodeGoUtf8 } from "../../../formats/go-utf8.ts";
import { JsonNumber, type JsonValue } from "../../../formats/json.ts";
import { BytesValue } from "./cipher.ts";
import type { SealedDocument } from "./document.ts";
import { type OpenTree, openTrees } from "./open-tree.ts";
import { Timestamp } from "./tree.ts";

/**
 * The content of a document: of a binary one its bytes, of any other one its values as compact JSON, of several in one file
 * a list of them. Throws `FormatError`: no text quotes a value.
 */
export function plaintextOf(document: SealedDocument, key: Uint8Array): Uint8Array {
  const opened = openTrees(document, document.metadata, key);
  if (document.format === "binary") return bytesIn(opened[0]?.get("data"));
  const values = opened.map(jsonOf);
  const [first] = values;
  return Buffer.from(writeGoJson(values.length === 1 && first !== undefined ? first : values), "utf8");
}

function bytesIn(data: OpenTree | undefined): Uint8Array {
  if (data instanceof BytesValue) return data.bytes;
  if (typeof data === "string") return Buffer.from(data, "utf8");
  throw new FormatError("the document is not the envelope of a binary one");
}

function jsonOf(tree: OpenTree): JsonValue {
  if (tree instanceof BytesValue) return decodeGoUtf8(tree.bytes);
  if (tree instanceof Timestamp) return tree.text;
  if (typeof tree === "bigint") return new JsonNumber(String(tree));
  if (typeof tree === "number") return numberOf(tree);
  if (tree === null || typeof tree !== "object") return tree;
  if (isList(tree)) return tree.map(jsonOf);
  return new Map([...tree].map(([name, value]) => [name, jsonOf(value)]));
}

function isList(tree: OpenTree): tree is readonly OpenTree[] {
  return Array.isArray(tree);
}

function numberOf(value: number): JsonNumber {
  if (!Number.isFinite(value)) throw new FormatError("a number that JSON cannot write");
  return new JsonNumber(Object.is(value, -0) ? "-0" : String(value));
}
