import forge from "node-forge";
import { FormatError } from "../format-error.ts";

/** A value of ASN.1, as the library reads it. Its bytes are text of one character each. */
export type Der = forge.asn1.Asn1;

/** Reads DER, or BER as Windows writes it. Throws `FormatError`. */
export function readDer(bytes: Uint8Array): Der {
  return attempt(() => {
    const options = { strict: false, parseAllBytes: false, decodeBitStrings: false };
    return forge.asn1.fromDer(Buffer.from(bytes).toString("latin1"), options as unknown as boolean);
  });
}

/** The bytes of a value with its head. */
export function writeDer(der: Der): Buffer {
  return Buffer.from(
    attempt(() => forge.asn1.toDer(der).getBytes()),
    "latin1",
  );
}

/** The values inside a value. Throws `FormatError`. */
export function partsOf(der: Der | undefined): readonly Der[] {
  if (der !== undefined && Array.isArray(der.value)) return der.value as Der[];
  throw broken();
}

/** One of the values inside a value. Throws `FormatError` for one that is not there. */
export function partAt(der: Der | undefined, index: number): Der {
  const part = partsOf(der)[index];
  if (part === undefined) throw broken();
  return part;
}

/** The bytes of an OCTET STRING, which BER may cut into several. Throws `FormatError`. */
export function octetsOf(der: Der | undefined): Buffer {
  if (der === undefined) throw broken();
  if (Array.isArray(der.value)) return Buffer.concat((der.value as Der[]).map(octetsOf));
  return Buffer.from(der.value as string, "latin1");
}

/** An OBJECT IDENTIFIER with its dots. Throws `FormatError`. */
export function oidOf(der: Der | undefined): string {
  if (der === undefined || typeof der.value !== "string" || der.type !== forge.asn1.Type.OID) throw broken();
  const { value } = der;
  return attempt(() => forge.asn1.derToOid(value));
}

/** A whole number from zero. Throws `FormatError` for a larger one than 32 bits hold. */
export function numberOf(der: Der | undefined): number {
  const hex = octetsOf(der).toString("hex").replace(/^0+/, "");
  if (hex.length > 8) throw broken();
  return hex === "" ? 0 : Number.parseInt(hex, 16);
}

/** The value under a tag of its context, such as `[0]`; undefined where there is none. */
export function tagged(parts: readonly Der[], tag: number): Der | undefined {
  return parts.find(({ tagClass, type }) => tagClass === forge.asn1.Class.CONTEXT_SPECIFIC && Number(type) === tag);
}

/** The error for what is no such file. */
export function broken(): FormatError {
  return new FormatError("it is not a PKCS#12 file, or a broken one");
}

/** The library's words can quote what it read. */
function attempt<T>(read: () => T): T {
  try {
    return read();
  } catch {
    throw broken();
  }
}
