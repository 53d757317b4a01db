import { ProviderError } from "../../errors.ts";
import { isJsonObject, type JsonValue, memberOf } from "../../formats/json.ts";
import { crc32c } from "./crc32c.ts";

/** https://www.rfc-editor.org/rfc/rfc4648#section-4; Google pads. */
const base64Form = /^[A-Za-z0-9+/]*={0,2}$/;

/** Returns the bytes of a field that holds base64. A payload without bytes has no field. Throws `LK0036`. */
export function bytesOf(text: JsonValue | undefined, what: string): Uint8Array {
  if (text === undefined) return new Uint8Array();
  if (typeof text === "string" && text.length % 4 === 0 && base64Form.test(text)) return Buffer.from(text, "base64");
  throw damaged(what, "its payload is not base64");
}

/** https://cloud.google.com/secret-manager/quotas#content_limits: a secret has 64 KiB at most. */
const mostBytes = 65_536;

/**
 * Returns the payload of a secret. Throws `LK0038` for more than Secret Manager holds, `LK0036` if it is not what its CRC-32C says
 * (https://cloud.google.com/secret-manager/docs/data-integrity): a decimal number, as text. Versions of old have none.
 */
export function checkedPayload(payload: JsonValue | undefined, what: string): Uint8Array {
  if (!isJsonObject(payload)) throw damaged(what, "there is no payload");
  const bytes = bytesOf(memberOf(payload, "data"), what);
  if (bytes.length > mostBytes) throw tooLarge(what, bytes.length);
  const crc = memberOf(payload, "dataCrc32c");
  if (crc === undefined || crc === String(crc32c(bytes))) return bytes;
  throw damaged(what, "its payload does not fit its CRC-32C");
}

/** Returns the name of the version in an answer: without one nobody knows what was answered. Throws `LK0036`. */
export function nameIn(name: JsonValue | undefined, what: string): string {
  if (typeof name === "string" && /^projects\/[^\p{Cc}\s]{1,1000}$/u.test(name)) return name;
  throw damaged(what, "it names no version");
}

/** The error for an answer that lacks something. */
export function damaged(what: string, why: string): ProviderError {
  return new ProviderError("LK0036", `the answer for ${what} is damaged: ${why}`, {
    fix: "mount again; if it stays, check what answers at the endpoint of Google Cloud, and proxies before it",
  });
}

function tooLarge(what: string, bytes: number): ProviderError {
  return new ProviderError("LK0038", `${what} has ${bytes} bytes, and Secret Manager holds ${mostBytes} at most`, {
    fix: "check what answers at the endpoint of Secret Manager: it is not Google's",
  });
}
