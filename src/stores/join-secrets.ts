import { combineErrors, ProviderError, toProviderError } from "../errors.ts";
import { Redacted } from "../redacted.ts";
import type { Secret } from "./store.ts";

/** One of several refs that are read as one: its secret, or why there is none. */
export interface Part {
  readonly answer: Secret | ProviderError;
  readonly optional: boolean;
}

/** Reads one of several refs, so that its failure does not end the others. */
export async function settled(read: () => Promise<Secret>): Promise<Secret | ProviderError> {
  try {
    return await read();
  } catch (thrown) {
    return toProviderError(thrown);
  }
}

/**
 * One secret for several refs. Throws the gravest error: an optional ref may be absent, but not all of them. At least one is
 * needed.
 */
export function joinSecrets(parts: readonly Part[]): Secret {
  const failed = parts.filter((part): part is Failed => part.answer instanceof ProviderError);
  const grave = failed.filter(({ answer, optional }) => !optional || answer.reason !== "absent");
  const [first, ...rest] = (failed.length === parts.length ? failed : grave).map(({ answer }) => answer);
  if (first !== undefined) throw gravestOf([first, ...rest]);
  return secretOfAll(parts.map(({ answer }) => (answer instanceof ProviderError ? undefined : answer)));
}

interface Failed extends Part {
  readonly answer: ProviderError;
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
