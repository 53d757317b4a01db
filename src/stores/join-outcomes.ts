import { combineErrors, type ProviderError } from "../errors.ts";
import { Redacted } from "../redacted.ts";
import type { Outcome, Secret } from "./store.ts";

/** The outcome for one of several refs that are read as one. */
export interface Part {
  readonly outcome: Outcome;
  readonly optional: boolean;
}

/**
 * One outcome for several refs: their secrets, or the gravest error. An optional one may be absent, but not all of them. At
 * least one is needed.
 */
export function joinOutcomes(parts: readonly Part[]): Outcome {
  const failed = parts.flatMap(({ outcome, optional }) => (outcome.ok ? [] : [{ error: outcome.error, optional }]));
  const grave = failed.filter(({ error, optional }) => !optional || error.reason !== "absent");
  const [first, ...rest] = (failed.length === parts.length ? failed : grave).map(({ error }) => error);
  if (first !== undefined) return { ok: false, error: gravestOf([first, ...rest]) };
  return { ok: true, secret: secretOfAll(parts.map(({ outcome }) => (outcome.ok ? outcome.secret : undefined))) };
}

/** One secret that holds several. */
export function secretOfAll(together: readonly (Secret | undefined)[]): Secret {
  return {
    together,
    // Made where it is wanted, which is to compare and to weigh: nothing is selected from it.
    get value() {
      const parts = together.map((secret) => secret?.value.reveal() ?? new Uint8Array());
      const lengths = Buffer.from(JSON.stringify(together.map((secret) => secret?.value.reveal().length ?? -1)));
      return new Redacted<Uint8Array>(Buffer.concat([lengths, ...parts]));
    },
  };
}

function gravestOf(errors: readonly [ProviderError, ...ProviderError[]]): ProviderError {
  const { id } = combineErrors(errors);
  return errors.find((error) => error.id === id) ?? errors[0];
}
