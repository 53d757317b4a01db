import { Document, type Scalar, type ScalarTag } from "yaml";
import { FormatError } from "./format-error.ts";
import { isJsonArray, isJsonObject, JsonNumber, type JsonValue } from "./json.ts";

/** Numbers as they were written, but for an exponent: YAML 1.1 wants a dot before it and a sign in it. */
const number: ScalarTag = {
  identify: (value) => value instanceof JsonNumber,
  default: true,
  tag: "tag:yaml.org,2002:float",
  resolve: (text) => text,
  stringify: ({ value }: Scalar) => (value instanceof JsonNumber ? numberText(value.text) : String(value)),
};

/**
 * JSON as YAML in block style, members in their order. All text is quoted: YAML 1.1 and 1.2 differ about `yes` and dates.
 * Throws `FormatError` for a value that is nested more than a hundred levels deep: each level indents every line below it.
 */
export function writeYaml(value: JsonValue): string {
  const document = new Document(plain(value), { version: "1.2", customTags: (tags) => [number, ...tags] });
  const text = document.toString({ lineWidth: 0, defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "QUOTE_DOUBLE" });
  // They stand in double quotes, as all text does.
  return text.replace(unprintable, escapeUnit);
}

/** One text in double quotes, as every YAML reader takes it. */
export function quoteYaml(text: string): string {
  return JSON.stringify(text.toWellFormed()).replace(unprintable, escapeUnit);
}

/**
 * The characters that readers refuse, or take for a line break or a byte order mark
 * (https://yaml.org/spec/1.1/#id868518).
 */
const unprintable = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g;

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function numberText(text: string): string {
  const [, digits = "", fraction = ".0", sign = "+", exponent] = /^(-?\d+)(\.\d+)?[eE]([+-])?(\d+)$/.exec(text) ?? [];
  return exponent === undefined ? text : `${digits}${fraction}e${sign}${exponent}`;
}

const deepest = 100;

function plain(value: JsonValue, level = 0): unknown {
  if (level > deepest) throw new FormatError(`it is nested more than ${deepest} levels deep`);
  if (isJsonArray(value)) return value.map((item) => plain(item, level + 1));
  if (!isJsonObject(value)) return value;
  return new Map([...value].map(([key, member]) => [key, plain(member, level + 1)]));
}
