import { ProviderError } from "../../errors.ts";
import { Redacted } from "../../redacted.ts";
import type { Secret } from "../store.ts";

/** The fields of an answer that describe one secret. */
interface SecretAnswer {
  readonly SecretString?: string | undefined;
  readonly SecretBinary?: Uint8Array | undefined;
  readonly VersionId?: string | undefined;
}

/** The secret in an answer. Types are checked: the SDK takes what a server says for what the model says. Throws `LK0036`. */
export function secretOf({ SecretString, SecretBinary, VersionId }: SecretAnswer): Secret {
  const value = typeof SecretString === "string" ? Buffer.from(SecretString, "utf8") : SecretBinary;
  if (!(value instanceof Uint8Array)) {
    throw new ProviderError("LK0036", "Secrets Manager answered without a value", {
      fix: "check what answers at the endpoint of Secrets Manager, and that the secret has a value",
    });
  }
  const version = typeof VersionId === "string" && VersionId !== "" ? { version: VersionId } : {};
  return { value: new Redacted<Uint8Array>(value), ...version };
}
