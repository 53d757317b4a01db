import { ProviderError } from "../../errors.ts";
import { FormatError } from "../../formats/format-error.ts";
import { decodeGoBase64 } from "../../formats/go-encodings.ts";
import { memberOf, parseJson } from "../../formats/json.ts";
import { Redacted } from "../../redacted.ts";
import type { Secret } from "../store.ts";

/** The key in an answer of the transit engine (https://developer.hashicorp.com/vault/api-docs/secret/transit#decrypt-data). Throws `LK0036`. */
export function unwrappedKey({ value }: Secret): Secret {
  try {
    const text = memberOf(parseJson(value.reveal()), "plaintext");
    if (typeof text === "string") return { value: new Redacted<Uint8Array>(decodeGoBase64(text)) };
  } catch (thrown) {
    if (!(thrown instanceof FormatError)) throw thrown;
  }
  throw new ProviderError("LK0036", "the transit engine answered without a plaintext", {
    fix: "check that the mount is one of the transit engine",
  });
}
