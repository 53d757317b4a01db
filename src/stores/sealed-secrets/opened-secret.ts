import { isUtf8 } from "node:buffer";
import { writeGoJson } from "../../formats/go-json.ts";
import { Redacted } from "../../redacted.ts";
import type { Secret } from "../store.ts";

/**
 * The values of a SealedSecret: each one as it is, for files of their own, and all of them as a JSON object, in which a
 * value that is no text is base64, as Kubernetes has it.
 */
export function openedSecret(values: ReadonlyMap<string, Uint8Array>): Secret {
  const texts = new Map([...values].map(([key, bytes]) => [key, textOf(bytes)]));
  return {
    value: new Redacted<Uint8Array>(Buffer.from(writeGoJson(texts), "utf8")),
    found: new Map([...values].map(([key, bytes]) => [key, { value: new Redacted<Uint8Array>(bytes) }])),
  };
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString(isUtf8(bytes) ? "utf8" : "base64");
}
