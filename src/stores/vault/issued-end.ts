import { X509Certificate } from "node:crypto";
import { JsonNumber, type JsonObject, type JsonValue } from "../../formats/json.ts";

/**
 * When an issued answer without a lease is worthless, in milliseconds since the epoch: `expiration` (PKI: seconds since the
 * epoch) or the end of the leaf in `certificate` (PEM), whichever is sooner; nothing where neither can be read.
 */
export function issuedEnd(data: JsonObject): { readonly expiresAt?: number } {
  const ends = [expirationOf(data.get("expiration")), certificateEnd(data.get("certificate"))];
  const known = ends.filter((end) => end !== undefined);
  return known.length === 0 ? {} : { expiresAt: Math.min(...known) };
}

function expirationOf(value: JsonValue | undefined): number | undefined {
  const text = value instanceof JsonNumber ? value.text : value;
  if (typeof text !== "string" || !/^\d{1,12}$/.test(text)) return undefined;
  return Number(text) > 0 ? Number(text) * 1000 : undefined;
}

/** Returns when a certificate ends; undefined for anything that is not one (an SSH engine's, one in another form). */
function certificateEnd(value: JsonValue | undefined): number | undefined {
  if (typeof value !== "string" || !value.includes("-----BEGIN CERTIFICATE-----")) return undefined;
  try {
    return new X509Certificate(value).validToDate.getTime();
  } catch {
    return undefined;
  }
}
