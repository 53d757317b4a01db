import type { Loaded } from "../../src/cache/freshness.ts";
import { type ErrorDetails, type ErrorId, ProviderError } from "../../src/errors.ts";

type Answer = (signal: AbortSignal) => Promise<Loaded<string>>;

/** A store as the cache sees it: one answer at a time for all who ask. */
export class FakeLoads {
  /** The signals of all loads so far. */
  readonly signals: AbortSignal[] = [];
  /** How many are under way, and how many were at most. */
  running = 0;
  most = 0;
  #answer: Answer = async () => loaded("v1");

  get count(): number {
    return this.signals.length;
  }

  readonly load = async (signal: AbortSignal): Promise<Loaded<string>> => {
    this.signals.push(signal);
    this.running += 1;
    this.most = Math.max(this.most, this.running);
    try {
      return await this.#answer(signal);
    } finally {
      this.running -= 1;
    }
  };

  gives(value: string, more: Partial<Loaded<string>> = {}): void {
    this.#answer = async () => loaded(value, more);
  }

  /** Another answer each time. */
  makes(answer: (serial: number) => Loaded<string>): void {
    this.#answer = async () => answer(this.count);
  }

  fails(id: ErrorId, details: ErrorDetails = {}): void {
    this.#answer = async () => {
      throw new ProviderError(id, "says the store", details);
    };
  }

  /** As each of these errors says, one after the other, and then well. */
  failsThenGives(errors: readonly (readonly [ErrorId, ErrorDetails?])[]): void {
    const before = this.count;
    this.#answer = async () => {
      const [id, details] = errors[this.count - before - 1] ?? [];
      if (id === undefined) return loaded("v1");
      throw new ProviderError(id, "says the store", details);
    };
  }

  /** Answers nothing, until its signal aborts. */
  hangs(): void {
    this.#answer = (signal) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
  }

  /** From now on loads wait for the test. */
  waits(): {
    readonly give: (value: string, more?: Partial<Loaded<string>>) => void;
    readonly fail: (id: ErrorId) => void;
  } {
    const { promise, resolve, reject } = Promise.withResolvers<Loaded<string>>();
    this.#answer = () => promise;
    return {
      give: (value, more) => resolve(loaded(value, more)),
      fail: (id) => reject(new ProviderError(id, "says the store")),
    };
  }
}

/** The result of a load. */
export function loaded(value: string, more: Partial<Loaded<string>> = {}): Loaded<string> {
  return { value, bytes: 100, immutable: false, issued: false, ...more };
}
