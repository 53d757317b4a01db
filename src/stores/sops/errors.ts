import { ProviderError } from "../../errors.ts";
import { FormatError } from "../../formats/format-error.ts";
import { NotEncrypted } from "./document/document.ts";

/** The instruction for a document that anybody can read. */
export const notEncryptedFix =
  "replace it by an encrypted one (sops encrypt --in-place), and change every secret in it: whoever could read it has them";

/** Returns the error of a document that cannot be opened; `what` is the document in words. Anything else is returned as it is. */
export function documentError(thrown: unknown, what: string): unknown {
  if (thrown instanceof NotEncrypted) {
    return new ProviderError("LK0047", `${what} is not encrypted by SOPS: it is plain text`, { fix: notEncryptedFix });
  }
  if (!(thrown instanceof FormatError)) return thrown;
  return new ProviderError("LK0047", `${what} cannot be opened: ${thrown.message}`, {
    fix: "make the document again with sops; if nobody changed it on purpose, find out who did",
  });
}
