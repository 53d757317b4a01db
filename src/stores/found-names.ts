import { ProviderError } from "../errors.ts";
import { ownBytes } from "../formats/own-bytes.ts";
import { Redacted } from "../redacted.ts";
import type { Secret } from "./store.ts";

/** Most names that one search may go through: a list of more is no list of one pod's secrets. */
const mostNames = 10_000;

/** Most calls that one search may take. */
const mostCalls = 200;

/** Another bound on the calls of a search, and the fix when it is reached. */
interface CallBound {
  readonly calls: number;
  readonly fix: string;
}

/** The names that a search has found so far, page by page. */
export class FoundNames {
  readonly #what: string;
  readonly #names = new Set<string>();
  readonly #bound: CallBound;
  #calls = 0;

  /** `what` is what is searched for, in words. */
  constructor(what: string, bound?: CallBound) {
    this.#what = what;
    this.#bound = bound !== undefined && bound.calls < mostCalls ? bound : { calls: mostCalls, fix: shorter };
  }

  /** To be called before each call to the store. Throws `LK0044` where there have been too many. */
  call(): void {
    this.#calls += 1;
    const { calls, fix } = this.#bound;
    if (this.#calls > calls) throw this.#tooMuch(`takes more than ${calls} calls`, fix);
  }

  /** Adds names. Throws `LK0044` where there are too many. */
  add(names: Iterable<string>): void {
    for (const name of names) this.#names.add(name);
    if (this.#names.size > mostNames) throw this.#tooMuch(`goes through more than ${mostNames} names`);
  }

  /** All of them as a secret, in an order that does not hang on the store's. */
  get secret(): Secret {
    return { value: new Redacted<Uint8Array>(ownBytes(JSON.stringify([...this.#names].sort()))) };
  }

  #tooMuch(how: string, fix = shorter): ProviderError {
    return new ProviderError("LK0044", `the search for ${this.#what} ${how}`, { fix });
  }
}

const shorter = "choose a longer prefix";

/** Returns the error for a text that a search gave as a name and that is not one. */
export function noName(name: string): ProviderError {
  return new ProviderError("LK0036", `the store listed ${JSON.stringify(name.slice(0, 256))}, which is not a name`, {
    fix: "check what answers at the store's address",
  });
}
