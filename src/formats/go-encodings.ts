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
