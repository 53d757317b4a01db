import { inspect } from "node:util";

/**
 * Holds a value that no text may show: string conversion, JSON, `util.inspect` and loggers all print `[redacted]`.
 * Only `reveal()` gives the value back, so every place that handles a secret can be found by that word.
 */
export class Redacted<T> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  /** The value itself. Call it as late as possible and never keep or print what it returns. */
  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return "[redacted]";
  }

  toJSON(): string {
    return "[redacted]";
  }

  [inspect.custom](): string {
    return "[redacted]";
  }
}
