import { ProviderError } from "../errors.ts";
import type { About } from "./entries.ts";

/** A flight that was under way when what it is for was dropped: who waits gets its answer, but it is not kept. */
export interface Underway {
  readonly key: string;
  readonly about: About;
  dropped: boolean;
}

/** Returns the error that ends a flight which has taken too long. */
export function tooLate(): ProviderError {
  return new ProviderError("LK0030", "the store did not answer in time", { fix: "find out why the store is slow" });
}
