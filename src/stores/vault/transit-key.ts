import { ProviderError } from "../../errors.ts";
import { FormatError } from "../../formats/format-error.ts";
import { decodeGoBase64 } from "../../formats/go-encodings.ts";
import { memberOf, parseJson } from "../../formats/json.ts";
import { Redacted } from "../../redacted.ts";
import type { Secret } from "../store.ts";

/**
 * Returns the transit engine's text: the key that was wrapped, or the wrapped form of one
 * (https://developer.hashicorp.com/vault/api-docs/secret/transit#decrypt-data). Throws `LK0036`.
 */
export function transitAnswer({ value }: Secret, asked: "decrypt" | "encrypt"): Secret {
  try {
    const text = memberOf(parseJson(value.reveal()), asked === "decrypt" ? "plaintext" : "ciphertext");
    if (typeof text === "string") {
      return { value: new Redacted<Uint8Array>(asked === "decrypt" ? decodeGoBase64(text) : Buffer.from(text)) };
    }
  } catch (thrown) {
    if (!(thrown instanceof FormatError)) throw thrown;
  }
  throw new ProviderError("LK0036", "the transit engine answered without a text", {
    fix: "check that the mount is one of the transit engine",
  });
}
