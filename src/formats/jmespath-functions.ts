import { FormatError } from "./format-error.ts";
import { compareGoStrings, writeGoJson } from "./go-json.ts";
import { define, defineVariadic, type GoFunction, type Reference, typeOf } from "./jmespath-arguments.ts";
import { goNumber, isEqual, type Meter, withFloats } from "./jmespath-values.ts";
import { isJsonArray, isJsonObject, JsonNumber, type JsonValue } from "./json.ts";

/** The numbers that Go's `ParseFloat` takes, without its words for infinity and its hexadecimal floats. */
const decimal = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/;

function toNumber(value: JsonValue): JsonValue {
  if (value instanceof JsonNumber) return value;
  return typeof value === "string" && decimal.test(value) ? goNumber(Number(value)) : null;
}

function toText(value: JsonValue, meter: Meter): string {
  return typeof value === "string" ? value : writeGoJson(withFloats(value, meter));
}

function compare(a: JsonValue, b: JsonValue): number {
  if (typeof a === "string" && typeof b === "string") return compareGoStrings(a, b);
  if (a instanceof JsonNumber && b instanceof JsonNumber) return Number(a.text) - Number(b.text);
  throw new FormatError("values of different types cannot be put in order");
}

/** Items with the keys that they are put in order by: all numbers or all strings. */
function keyed(items: readonly JsonValue[], by: Reference): readonly (readonly [key: JsonValue, item: JsonValue])[] {
  const pairs = items.map((item) => [by(item), item] as const);
  const [first] = pairs;
  const kind = first === undefined ? "string" : typeOf(first[0]);
  const ordered = kind === "string" || kind === "number";
  if (ordered && pairs.every(([key]) => typeOf(key) === kind)) return pairs;
  throw new FormatError("the expression must give a number or a string for every item");
}

/** Of equal ones the first. */
function best(pairs: readonly (readonly [key: JsonValue, item: JsonValue])[], sign: 1 | -1): JsonValue {
  let found = pairs[0];
  for (const pair of pairs) if (found !== undefined && compare(pair[0], found[0]) * sign > 0) found = pair;
  return found?.[1] ?? null;
}

function withSelf(items: readonly JsonValue[]): readonly (readonly [JsonValue, JsonValue])[] {
  return items.map((item) => [item, item] as const);
}

function sum(items: readonly JsonNumber[]): number {
  return items.reduce((total, { text }) => total + Number(text), 0);
}

function contains(where: string | readonly JsonValue[], what: JsonValue, meter: Meter): boolean {
  if (typeof where !== "string") return where.some((item) => isEqual(item, what, meter));
  return typeof what === "string" && where.includes(what);
}

function lengthOf(value: JsonValue): JsonValue {
  if (typeof value === "string") return goNumber([...value].length);
  return goNumber(isJsonArray(value) ? value.length : isJsonObject(value) ? value.size : 0);
}

function reversed(value: string | readonly JsonValue[]): JsonValue {
  return typeof value === "string" ? [...value].reverse().join("") : value.toReversed();
}

function sorted(items: readonly JsonValue[], meter: Meter): JsonValue {
  meter.chargeSort(items.length);
  return [...items].sort(compare);
}

function sortedBy(items: readonly JsonValue[], by: Reference, meter: Meter): JsonValue {
  meter.chargeSort(items.length);
  return keyed(items, by)
    .toSorted(([a], [b]) => compare(a, b))
    .map(([, item]) => item);
}

/** Counted before it is made: the glue stands there as often as there are texts. */
function joined(glue: string, texts: readonly string[], meter: Meter): string {
  meter.chargeLength(texts.reduce((sum, { length }) => sum + length + glue.length, 0));
  return texts.join(glue);
}

function merged(all: readonly ReadonlyMap<string, JsonValue>[]): JsonValue {
  return new Map(all.flatMap((members) => [...members]));
}

const number = [["number"]] as const;
const twoStrings = [["string"], ["string"]] as const;
const numbers = [["numbers"]] as const;
const inOrder = [["numbers", "strings"]] as const;
const byKey = [["array"], ["reference"]] as const;
const any = [["any"]] as const;
const object = [["object"]] as const;

/** go-jmespath 0.4.0's functions. Members come in the document's order; Go's have none. */
export const functions: ReadonlyMap<string, GoFunction> = new Map([
  ["abs", define(number, ([value]) => goNumber(Math.abs(Number(value.text))))],
  ["avg", define(numbers, ([items]) => goNumber(sum(items) / items.length))],
  ["ceil", define(number, ([value]) => goNumber(Math.ceil(Number(value.text))))],
  ["contains", define([["string", "array"], ["any"]], ([where, what], meter) => contains(where, what, meter))],
  ["ends_with", define(twoStrings, ([text, end]) => text.endsWith(end))],
  ["floor", define(number, ([value]) => goNumber(Math.floor(Number(value.text))))],
  ["join", define([["string"], ["strings"]], ([glue, texts], meter) => joined(glue, texts, meter))],
  ["keys", define(object, ([members]) => [...members.keys()])],
  ["length", define([["string", "array", "object"]], ([value]) => lengthOf(value))],
  ["map", define([["reference"], ["array"]], ([by, items]) => items.map((item) => by(item)))],
  ["max", define(inOrder, ([items]) => best(withSelf(items), 1))],
  ["max_by", define(byKey, ([items, by]) => best(keyed(items, by), 1))],
  ["merge", defineVariadic("object", merged)],
  ["min", define(inOrder, ([items]) => best(withSelf(items), -1))],
  ["min_by", define(byKey, ([items, by]) => best(keyed(items, by), -1))],
  ["not_null", defineVariadic("any", (all) => all.find((value) => value !== null) ?? null)],
  ["reverse", define([["string", "array"]], ([value]) => reversed(value))],
  ["sort", define(inOrder, ([items], meter) => sorted(items, meter))],
  ["sort_by", define(byKey, ([items, by], meter) => sortedBy(items, by, meter))],
  ["starts_with", define(twoStrings, ([text, start]) => text.startsWith(start))],
  ["sum", define(numbers, ([items]) => goNumber(sum(items)))],
  ["to_array", define(any, ([value]) => (isJsonArray(value) ? value : [value]))],
  ["to_number", define(any, ([value]) => toNumber(value))],
  ["to_string", define(any, ([value], meter) => toText(value, meter))],
  ["type", define(any, ([value]) => typeOf(value))],
  ["values", define(object, ([members]) => [...members.values()])],
]);
