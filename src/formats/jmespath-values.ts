import { FormatError } from "./format-error.ts";
import { isJsonArray, isJsonObject, JsonNumber, type JsonValue } from "./json.ts";

/** Steps of work that the evaluations of one meter may take: a few hundredths of a second, for all other mounts wait meanwhile. */
const mostWork = 100_000;

/** So many characters of a text are one step. */
const charactersOfStep = 16;

/** Levels of a value that are looked into. */
const mostLevels = 1_000;

/** An evaluation that costs too much. */
export class CostError extends FormatError {}

/** Counts the work of evaluations, for an expression of a few characters can double its input hundreds of times. */
export class Meter {
  #left = mostWork;

  /** Throws `CostError` where the work is too much. */
  charge(work: number): void {
    this.#left -= work;
    if (this.#left < 0) throw new CostError(`all JMESPaths together take more than ${mostWork} steps`);
  }

  /** Counts a text that is gone through. */
  chargeText({ length }: string): void {
    this.chargeLength(length);
  }

  /** Counts so many characters that are gone through or made. */
  chargeLength(characters: number): void {
    this.charge(Math.ceil(characters / charactersOfStep));
  }

  /** Counts what putting so many items in order takes. */
  chargeSort(items: number): void {
    this.charge(items * Math.ceil(Math.log2(items + 1)));
  }

  /** Counts a whole value, as somebody who writes it would go through it. */
  look(value: JsonValue, level = 0): void {
    this.enter(level);
    if (typeof value === "string") this.chargeText(value);
    const members = isJsonArray(value) ? value : isJsonObject(value) ? value.values() : [];
    for (const member of members) this.look(member, level + 1);
  }

  /** One step into a value, which may hold the same parts many times over. */
  enter(level: number): void {
    this.charge(1);
    if (level > mostLevels) throw new CostError(`it looks deeper than ${mostLevels} levels`);
  }
}

/** Decides whether a value counts as false: null, false and empty values do. Zero is true. */
export function isFalse(value: JsonValue): boolean {
  if (isJsonArray(value)) return value.length === 0;
  if (isJsonObject(value)) return value.size === 0;
  return value === null || value === false || value === "";
}

/** Deep equality; numbers by value, objects whatever their order. */
export function isEqual(a: JsonValue, b: JsonValue, meter: Meter, level = 0): boolean {
  meter.enter(level);
  // A comparison takes several times as long as a look.
  meter.charge(3);
  const same = (left: JsonValue, right: JsonValue = null) => isEqual(left, right, meter, level + 1);
  if (a instanceof JsonNumber && b instanceof JsonNumber) return Number(a.text) === Number(b.text);
  if (isJsonArray(a) && isJsonArray(b)) return a.length === b.length && a.every((item, index) => same(item, b[index]));
  if (isJsonObject(a) && isJsonObject(b)) {
    return a.size === b.size && [...a].every(([key, item]) => b.has(key) && same(item, b.get(key)));
  }
  return a === b;
}

/** A float64 as Go writes it; of JavaScript's text only the sign of zero differs. Null for what JSON cannot say. */
export function goNumber(value: number): JsonNumber | null {
  if (!Number.isFinite(value)) return null;
  return new JsonNumber(Object.is(value, -0) ? "-0" : String(value));
}

/** A literal of an expression, from what the library made of it. */
export function fromPlain(value: unknown): JsonValue {
  if (typeof value === "number") return goNumber(value);
  if (Array.isArray(value)) return value.map(fromPlain);
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (value === null || typeof value !== "object") return null;
  return new Map(Object.entries(value).map(([key, member]) => [key, fromPlain(member)]));
}

/** Every number in it as Go writes a float64: what a program sees that has read the document. */
export function withFloats(value: JsonValue, meter: Meter, level = 0): JsonValue {
  meter.enter(level);
  const inner = (item: JsonValue) => withFloats(item, meter, level + 1);
  if (value instanceof JsonNumber) return goNumber(Number(value.text));
  if (isJsonArray(value)) return value.map(inner);
  if (isJsonObject(value)) return new Map([...value].map(([key, member]) => [key, inner(member)]));
  if (typeof value === "string") meter.chargeText(value);
  return value;
}
