import { FormatError } from "./format-error.ts";

/**
 * Decodes as Go's `base64.StdEncoding`: standard alphabet, padding required, line breaks ignored anywhere, spare bits at
 * the end not looked at. Throws `FormatError`.
 */
export function decodeGoBase64(text: string): Uint8Array {
  const compact = text.replace(/[\r\n]/g, "");
  if (compact.length % 4 !== 0) throw new FormatError("base64 without its padding, or cut short");
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(compact)) {
    throw new FormatError("a character that is not in base64's standard alphabet");
  }
  return Buffer.from(compact, "base64");
}

/** Decodes as Go's `hex.DecodeString`: an even number of digits in either case and nothing else. Throws `FormatError`. */
export function decodeGoHex(text: string): Uint8Array {
  if (!/^[0-9a-fA-F]*$/.test(text)) throw new FormatError("a character that is not a hexadecimal digit");
  if (text.length % 2 !== 0) throw new FormatError("an odd number of hexadecimal digits");
  return Buffer.from(text, "hex");
}

/**
 * Decodes base64 of the URL-safe alphabet (RFC 4648, 5), with or without padding; newlines are ignored. Throws
 * `FormatError` for anything else.
 */
export function decodeBase64Url(text: string): Uint8Array {
  const plain = text.replace(/[\r\n]/g, "");
  const digits = plain.replace(/={1,2}$/, "");
  const padded = plain.length !== digits.length;
  const wrong = !/^[A-Za-z0-9_-]*$/.test(digits) || digits.length % 4 === 1 || (padded && plain.length % 4 !== 0);
  if (wrong) throw new FormatError("not base64 of the URL-safe alphabet");
  return Buffer.from(digits, "base64url");
}
