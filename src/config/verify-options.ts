import { forPlans, option } from "./option.ts";
import { bytes, flag, integer, positiveDuration } from "./values.ts";

/** The options that decide whether, and how, new credentials are tried before they are released. */
export const verifyOptions = {
  ...forPlans({
    verify: option(
      flag,
      false,
      "try new credentials where SecretProviderClasses of the native dialect ask for it (`verify`), before pods get them",
    ),
  }),
  verifyTimeout: option(positiveDuration, 5_000, "longest try of one credential"),
  verifyConcurrency: option(integer(1, 64), 8, "most credentials that are tried at once"),
  verifyMemory: option(
    bytes,
    192 * 1024 ** 2,
    "most memory of the process that tries credentials; it is ended beyond that",
  ),
};
