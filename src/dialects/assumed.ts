import type { ErrorId } from "../errors.ts";

/** The facts about the operator. */
export interface AssumeFrom {
  /** Whether all is known that the operator said. */
  readonly operatorKnown: boolean;
  /** Whether the default address of today's providers, which is the node itself, may be taken. */
  readonly defaultAddress: "refused" | undefined;
}

/** The operator's settings for a dialect, with what had to be assumed. */
export interface Assumed<O> {
  readonly own: O;
  /** For people. */
  readonly assumptions: readonly string[];
  /** Everything that a SecretProviderClass leaves to an operator who is not known here. */
  readonly missing: readonly Missing[];
}

/** A warning of something that an operator has to say. */
interface Missing {
  /** `no-address` if there is none. */
  readonly id?: ErrorId;
  readonly parameter: string;
  readonly message: string;
  readonly fix: string;
}

/** Returns settings that nothing was assumed for. */
export function nothingAssumed<O>(own: O): Assumed<O> {
  return { own, assumptions: [], missing: [] };
}
