import { isUtf8 } from "node:buffer";
import { turns } from "../async/turns.ts";
import { FormatError } from "./format-error.ts";
import { decodeGoUtf8 } from "./go-utf8.ts";
import { readJsonNumber, readJsonString } from "./json-scalar.ts";

/** A number as it was written: `2.50`, `1E5` and 23-digit integers keep every character. */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** JSON without loss: numbers keep their text, objects are maps, so every key is an ordinary key. */
export type JsonValue = null | boolean | string | JsonNumber | readonly JsonValue[] | JsonObject;

/** Members in the order of their first appearance. */
export type JsonObject = ReadonlyMap<string, JsonValue>;

/** Narrows to an object. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return value instanceof Map;
}

/** Narrows to an array; `Array.isArray` alone does not narrow readonly arrays. */
export function isJsonArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** Returns a field of an object, or an item of a list. */
export function memberOf(value: JsonValue | undefined, part: string | number): JsonValue | undefined {
  if (typeof part === "number") return isJsonArray(value) ? value[part] : undefined;
  return isJsonObject(value) ? value.get(part) : undefined;
}

/** Arrays and objects may nest this deep, as in Go's encoding/json. */
const maxDepth = 10_000;

/** Each takes some hundred bytes of memory, of two in the text: a megabyte of text seldom has half as many. */
const maxValues = 250_000;

/**
 * Reads one JSON document as Go's encoding/json does: strict RFC 8259, no BOM, nothing after the document, the last of
 * equal keys wins, broken UTF-8 and lone surrogates become U+FFFD, at most 10,000 levels. Unlike it, at most 250,000
 * values. Throws `FormatError`.
 */
export function parseJson(input: Uint8Array | string): JsonValue {
  return new Parser(textOf(input)).document();
}

/** The same in turns with everything else that the process does, for what can be long. Throws `FormatError`. */
export async function parseJsonInTurns(input: Uint8Array | string): Promise<JsonValue> {
  const parser = new Parser(textOf(input));
  const pause = turns();
  for (;;) {
    const whole = parser.some(valuesOfTurn);
    if (whole !== undefined) return whole;
    const waiting = pause();
    if (waiting !== undefined) await waiting;
  }
}

/** So many values are read before others may have their turn. */
const valuesOfTurn = 1_000;

/** The same of text that need be no JSON: undefined where it is none. */
export function parseJsonOrNothing(input: Uint8Array | string): JsonValue | undefined {
  try {
    return parseJson(input);
  } catch (thrown) {
    if (thrown instanceof FormatError) return undefined;
    throw thrown;
  }
}

function textOf(input: Uint8Array | string): string {
  if (typeof input === "string") return input.toWellFormed();
  if (!isUtf8(input)) return decodeGoUtf8(input);
  return Buffer.from(input.buffer, input.byteOffset, input.byteLength).toString("utf8");
}

/** An array or object that is still open; `key` is the member that waits for its value. */
type Container =
  | { readonly close: "]"; readonly value: JsonValue[] }
  | { readonly close: "}"; readonly value: Map<string, JsonValue>; key: string };

/** Keeps open containers in a list of its own, so that no input can exhaust the call stack. */
class Parser {
  readonly #text: string;
  readonly #open: Container[] = [];
  #at = 0;
  #values = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): JsonValue {
    for (;;) {
      const whole = this.some(maxValues);
      if (whole !== undefined) return whole;
    }
  }

  /** Goes on by so many values; gives the whole document at its end. */
  some(values: number): JsonValue | undefined {
    for (let left = values; left > 0; left -= 1) {
      const value = this.#begin();
      const whole = value === undefined ? undefined : this.#place(value);
      if (whole !== undefined) return this.#end(whole);
    }
    return undefined;
  }

  /** Reads a scalar or an empty container; `undefined` after opening a container that has something in it. */
  #begin(): JsonValue | undefined {
    this.#values++;
    if (this.#values > maxValues) throw this.#error(`JSON has more than ${maxValues} values`);
    switch (this.#peek()) {
      case "{":
        return this.#enter({ close: "}", value: new Map(), key: "" });
      case "[":
        return this.#enter({ close: "]", value: [] });
      case '"':
        return this.#string();
      case "t":
        return this.#word("true", true);
      case "f":
        return this.#word("false", false);
      case "n":
        return this.#word("null", null);
      default:
        return this.#number();
    }
  }

  #enter(container: Container): JsonValue | undefined {
    if (this.#open.length === maxDepth) throw this.#error(`JSON nests deeper than ${maxDepth} levels`);
    this.#at++;
    if (this.#peek() === container.close) {
      this.#at++;
      return container.value;
    }
    this.#open.push(container);
    if (container.close === "}") container.key = this.#key();
    return undefined;
  }

  /** Puts a finished value where it belongs and closes what it completes; gives the value of the whole document. */
  #place(finished: JsonValue): JsonValue | undefined {
    let value = finished;
    for (;;) {
      const container = this.#open.at(-1);
      if (container === undefined) return value;
      if (container.close === "]") container.value.push(value);
      else container.value.set(container.key, value);
      const next = this.#peek();
      if (next !== "," && next !== container.close) throw this.#error("unexpected character in JSON");
      this.#at++;
      if (next === ",") {
        if (container.close === "}") container.key = this.#key();
        return undefined;
      }
      this.#open.pop();
      value = container.value;
    }
  }

  #key(): string {
    if (this.#peek() !== '"') throw this.#error("unexpected character in JSON");
    const key = this.#string();
    if (this.#peek() !== ":") throw this.#error("unexpected character in JSON");
    this.#at++;
    return key;
  }

  #string(): string {
    const { value, end } = readJsonString(this.#text, this.#at);
    this.#at = end;
    return value;
  }

  #number(): JsonNumber {
    const text = readJsonNumber(this.#text, this.#at);
    if (text === undefined) throw this.#error("unexpected character in JSON");
    this.#at += text.length;
    return new JsonNumber(text);
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw this.#error("unexpected character in JSON");
    this.#at += word.length;
    return value;
  }

  /** The next character that is not white space; throws at the end of the text. */
  #peek(): string {
    while (isSpace(this.#text.charCodeAt(this.#at))) this.#at++;
    const next = this.#text[this.#at];
    if (next === undefined) throw this.#error("unexpected end of JSON");
    return next;
  }

  #end(whole: JsonValue): JsonValue {
    while (isSpace(this.#text.charCodeAt(this.#at))) this.#at++;
    if (this.#at < this.#text.length) throw this.#error("unexpected text after JSON");
    return whole;
  }

  #error(problem: string): FormatError {
    return new FormatError(problem, { offset: this.#at });
  }
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}
