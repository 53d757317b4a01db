import { FormatError } from "../formats/format-error.ts";

/** Largest item, in bytes: a status names some files. */
const mostBytes = 8 * 1024 ** 2;

const byte = { quote: 0x22, backslash: 0x5c, open: 0x7b, close: 0x7d, openList: 0x5b, closeList: 0x5d };

/**
 * Yields the items of a Kubernetes list, each parsed by itself: a list of 20,000 pods is never in memory as a whole. Throws
 * `FormatError` for text that is not JSON, that has no `items`, or that ends early.
 */
export async function* readListItems(input: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
  const scanner = new ItemScanner();
  for await (const chunk of input) yield* scanner.push(chunk);
  scanner.end();
}

/** Finds the objects in the list `items` of the outermost object, byte by byte. */
class ItemScanner {
  #depth = 0;
  #inText = false;
  #escaped = false;
  /** The text that was read last in the outermost object: a key, where a list follows it. */
  #name: number[] = [];
  #inItems = false;
  #seenItems = false;
  #parts: Uint8Array[] = [];
  #size = 0;
  #inItem = false;

  *push(chunk: Uint8Array): Generator<unknown> {
    let from = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const began = this.#step(chunk[at] ?? 0);
      if (began === "start") from = at;
      if (began !== "end") continue;
      this.#keep(chunk.subarray(from, at + 1));
      yield parsed(this.#take());
    }
    if (this.#inItem) this.#keep(chunk.subarray(from));
  }

  end(): void {
    if (this.#depth > 0 || this.#inText) throw new FormatError("the JSON ends early");
    if (!this.#seenItems) throw new FormatError("it is not a list of Kubernetes in JSON");
  }

  #step(code: number): "start" | "end" | undefined {
    if (this.#inText) {
      this.#stepInText(code);
      return undefined;
    }
    if (code === byte.quote) {
      this.#inText = true;
      if (this.#depth === 1) this.#name = [];
    } else if (code === byte.open || code === byte.openList) return this.#enter(code);
    else if (code === byte.close || code === byte.closeList) return this.#leave();
    return undefined;
  }

  #stepInText(code: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (code === byte.backslash) this.#escaped = true;
    else if (code === byte.quote) {
      this.#inText = false;
      return;
    }
    if (this.#depth === 1 && this.#name.length < 16) this.#name.push(code);
  }

  #enter(code: number): "start" | undefined {
    this.#depth += 1;
    if (this.#depth === 2 && code === byte.openList && String.fromCharCode(...this.#name) === "items") {
      this.#inItems = true;
      this.#seenItems = true;
    }
    if (this.#depth !== 3 || !this.#inItems || code !== byte.open) return undefined;
    this.#inItem = true;
    return "start";
  }

  #leave(): "end" | undefined {
    this.#depth -= 1;
    if (this.#depth < 0) throw new FormatError("it is not JSON");
    if (this.#depth === 1) this.#inItems = false;
    if (this.#depth !== 2 || !this.#inItem) return undefined;
    this.#inItem = false;
    return "end";
  }

  #keep(part: Uint8Array): void {
    this.#size += part.length;
    if (this.#size > mostBytes) throw new FormatError(`an item has more than ${mostBytes} bytes`);
    // The chunk is its reader's to use again.
    this.#parts.push(Uint8Array.from(part));
  }

  #take(): Uint8Array {
    const whole = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#size = 0;
    return whole;
  }
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new FormatError("an item is not JSON");
  }
}
