import { FormatError } from "./format-error.ts";
import type { Meter } from "./jmespath-values.ts";
import { isJsonArray, isJsonObject, JsonNumber, type JsonObject, type JsonValue } from "./json.ts";

/** The function that an expression reference (`&name`) becomes. */
export type Reference = (item: JsonValue) => JsonValue;

/** An argument of a function. */
export type Argument = JsonValue | Reference;

interface Kinds {
  readonly string: string;
  readonly number: JsonNumber;
  readonly boolean: boolean;
  readonly null: null;
  readonly object: JsonObject;
  readonly array: readonly JsonValue[];
  readonly strings: readonly string[];
  readonly numbers: readonly JsonNumber[];
  readonly any: JsonValue;
  readonly reference: Reference;
}

type Kind = keyof Kinds;
type Takes = readonly (readonly Kind[])[];
type Given<T extends Takes> = { readonly [I in keyof T]: Kinds[T[I][number]] };

/** One function, with what each of its arguments may be. */
export interface GoFunction {
  readonly takes: Takes;
  /** The last argument may come many times. */
  readonly variadic: boolean;
  readonly run: (args: readonly Argument[], meter: Meter) => JsonValue;
}

/** A function of so many arguments as `takes` says. `checkArguments` sees to it that they fit. */
export function define<const T extends Takes>(takes: T, run: (args: Given<T>, meter: Meter) => JsonValue): GoFunction {
  return { takes, run: run as never, variadic: false };
}

/** A function of one or more arguments of one kind. */
export function defineVariadic<K extends Kind>(kind: K, run: (args: readonly Kinds[K][]) => JsonValue): GoFunction {
  return { takes: [[kind]], run: run as never, variadic: true };
}

/** Throws `FormatError` where a function does not take these arguments. Counts their size as work. */
export function checkArguments(name: string, { takes, variadic }: GoFunction, args: readonly Argument[], meter: Meter) {
  const fits = variadic ? args.length >= takes.length : args.length === takes.length;
  if (!fits) throw new FormatError(`${name}() was given ${args.length} arguments`);
  for (const [index, arg] of args.entries()) {
    if (typeof arg === "string") meter.chargeText(arg);
    else meter.charge(sizeOf(arg));
    const kinds = takes[Math.min(index, takes.length - 1)] ?? [];
    if (!kinds.some((kind) => isOf(kind, arg))) throw new FormatError(`${name}() takes ${kinds.join(" or ")} there`);
  }
}

/** JSON's word for the type of a value. */
export function typeOf(value: JsonValue): "null" | "number" | "array" | "object" | "string" | "boolean" {
  if (value === null) return "null";
  if (value instanceof JsonNumber) return "number";
  if (isJsonArray(value)) return "array";
  if (isJsonObject(value)) return "object";
  return typeof value === "string" ? "string" : "boolean";
}

function isOf(kind: Kind, value: Argument): boolean {
  if (kind === "reference" || typeof value === "function") return kind === "reference" && typeof value === "function";
  if (kind === "any") return true;
  if (kind === "strings") return isJsonArray(value) && value.every((item) => typeof item === "string");
  if (kind === "numbers") return isJsonArray(value) && value.every((item) => item instanceof JsonNumber);
  return typeOf(value) === kind;
}

function sizeOf(value: Exclude<Argument, string>): number {
  if (typeof value === "function") return 1;
  if (isJsonArray(value)) return value.length;
  return isJsonObject(value) ? value.size : 1;
}
