import { FormatError } from "../../formats/format-error.ts";
import { writeGoJson, writeGoString } from "../../formats/go-json.ts";
import { isJsonArray, isJsonObject, JsonNumber, type JsonObject, type JsonValue } from "../../formats/json.ts";

/** How Go's client declares a field; a list of fields is a pointer to a struct of its own. */
type GoKind = "string" | "int" | "bool" | "strings" | "textMap" | "map" | "time" | "any" | readonly GoField[];

/** One field of a struct, in the struct's order. */
export interface GoField {
  readonly name: string;
  readonly kind: GoKind;
  /** Left out when zero, as by Go's `omitempty`. */
  readonly omitEmpty?: true;
}

/**
 * Reads an object into a struct as Go's `encoding/json` does: names in any case, unknown ones dropped, null and absence are
 * the zero value. The result has every field, in order. Throws `FormatError` for a value of another type.
 */
export function readStruct(fields: readonly GoField[], object: JsonObject): JsonObject {
  const found = new Map<string, JsonValue>([...object].map(([key, value]) => [key.toLowerCase(), value]));
  return new Map(fields.map(({ name, kind }) => [name, readField(name, kind, found.get(name) ?? null)]));
}

/** Writes what `readStruct` gave as Go's `json.Marshal` does: the fields in their order. */
export function writeStruct(fields: readonly GoField[], values: JsonObject): string {
  const members: string[] = [];
  for (const { name, kind, omitEmpty } of fields) {
    const value = values.get(name) ?? null;
    if (omitEmpty === true && isZero(value)) continue;
    const nested = typeof kind === "object" && isJsonObject(value);
    members.push(`${writeGoString(name)}:${nested ? writeStruct(kind, value) : writeGoJson(value)}`);
  }
  return `{${members.join(",")}}`;
}

/** True for what Go's zero value of any field reads as; an empty list or map is none. */
export function isZero(value: JsonValue): boolean {
  return value === null || value === "" || value === false || (value instanceof JsonNumber && Number(value.text) === 0);
}

function readField(name: string, kind: GoKind, value: JsonValue): JsonValue {
  if (typeof kind === "object") {
    if (value === null) return null;
    if (isJsonObject(value)) return readStruct(kind, value);
  } else {
    const read = readers[kind](value);
    if (read !== undefined) return read;
  }
  throw new FormatError(`the field ${name} has a wrong type`);
}

/** Each gives the field's value, or undefined for a value of a wrong type. */
const readers: Readonly<Record<Exclude<GoKind, readonly GoField[]>, (value: JsonValue) => JsonValue | undefined>> = {
  string: (value) => (value === null ? "" : readIf(typeof value === "string", value)),
  bool: (value) => (value === null ? false : readIf(typeof value === "boolean", value)),
  int: (value) => (value === null ? new JsonNumber("0") : readInt(value)),
  map: (value) => readIf(value === null || isJsonObject(value), value),
  strings: (value) => (value === null ? null : readStrings(value)),
  textMap: (value) => (value === null ? null : readTextMap(value)),
  time: (value) => (value === null ? zeroTime : readTime(value)),
  any: (value) => value,
};

function readIf(fits: boolean, value: JsonValue): JsonValue | undefined {
  return fits ? value : undefined;
}

function readInt(value: JsonValue): JsonValue | undefined {
  if (!(value instanceof JsonNumber) || !/^-?\d{1,19}$/.test(value.text)) return undefined;
  const int = BigInt(value.text);
  return BigInt.asIntN(64, int) === int ? new JsonNumber(String(int)) : undefined;
}

function readStrings(value: JsonValue): JsonValue | undefined {
  if (!isJsonArray(value)) return undefined;
  const texts = value.map((item) => item ?? "");
  return readIf(
    texts.every((text) => typeof text === "string"),
    texts,
  );
}

function readTextMap(value: JsonValue): JsonValue | undefined {
  if (!isJsonObject(value)) return undefined;
  const texts = new Map([...value].map(([key, text]) => [key, text ?? ""]));
  return readIf(
    [...texts.values()].every((text) => typeof text === "string"),
    texts,
  );
}

const zeroTime = "0001-01-01T00:00:00Z";
const time = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/;

/** RFC 3339, with the fraction and the zone as Go writes them back. */
function readTime(value: JsonValue): JsonValue | undefined {
  const [, seconds, fraction = "", zone = ""] = typeof value === "string" ? (time.exec(value) ?? []) : [];
  if (seconds === undefined) return undefined;
  const digits = fraction.slice(0, 9).replace(/0+$/, "");
  return `${seconds}${digits === "" ? "" : `.${digits}`}${zone.endsWith("00:00") ? "Z" : zone}`;
}
