import { Document, type Scalar, type ScalarTag } from "yaml";
import { isJsonArray, isJsonObject, JsonNumber, type JsonValue } from "./json.ts";

/** Numbers as they were written. */
const number: ScalarTag = {
  identify: (value) => value instanceof JsonNumber,
  default: true,
  tag: "tag:yaml.org,2002:float",
  resolve: (text) => text,
  stringify: ({ value }: Scalar) => (value instanceof JsonNumber ? value.text : String(value)),
};

/** JSON as YAML in block style, members in their order. All text is quoted: YAML 1.1 and 1.2 differ about `yes` and dates. */
export function writeYaml(value: JsonValue): string {
  const document = new Document(plain(value), { version: "1.2", customTags: (tags) => [number, ...tags] });
  return document.toString({ lineWidth: 0, defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "QUOTE_DOUBLE" });
}

function plain(value: JsonValue): unknown {
  if (isJsonArray(value)) return value.map(plain);
  return isJsonObject(value) ? new Map([...value].map(([key, member]) => [key, plain(member)])) : value;
}
