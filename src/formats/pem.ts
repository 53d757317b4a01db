import { FormatError } from "./format-error.ts";

/** The parts of a bundle: the first certificate, the private key, the certificates after the first. */
export type PemPart = "cert" | "key" | "chain";

const block = /-----BEGIN ([A-Z0-9 ]+)-----\r?\n[A-Za-z0-9+/=\s:,-]*?\r?\n-----END \1-----/g;

/**
 * One part of a PEM bundle (https://www.rfc-editor.org/rfc/rfc7468), each block as it is, with a newline behind it. A bundle
 * of one certificate has an empty chain. Throws `FormatError` where there is no such part.
 */
export function pemPart(text: string, part: PemPart): string {
  const blocks = [...text.matchAll(block)].map(([whole, label = ""]) => ({ whole, label }));
  const certificates = blocks.filter(({ label }) => label === "CERTIFICATE");
  const keys = blocks.filter(({ label }) => label.endsWith("PRIVATE KEY"));
  const missing = part === "key" ? keys.length === 0 : certificates.length === 0;
  if (missing) throw notThere(text, part === "key" ? "private key" : "certificate");
  const chosen = { cert: certificates.slice(0, 1), key: keys.slice(0, 1), chain: certificates.slice(1) }[part];
  return chosen.map(({ whole }) => `${whole}\n`).join("");
}

function notThere(text: string, what: "certificate" | "private key"): FormatError {
  const label = what === "certificate" ? /-----BEGIN CERTIFICATE-----/ : /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----/;
  const fault = label.test(text) ? lineBreakFault(text) : undefined;
  if (fault === undefined) return new FormatError(`there is no ${what} in PEM form`);
  return new FormatError(`there is no ${what} in PEM form: ${fault}`, {}, lineBreakFix);
}

/** The fix for line breaks that are lost. */
export const lineBreakFix =
  "store the text with its line breaks, from a file: as an argument or in one line they are lost";

/**
 * Says what happened to the line breaks of a PEM text that cannot be read without them; undefined if they are there.
 * Shells and one-line variables lose them, and JSON written by hand keeps their escapes.
 */
export function lineBreakFault(text: string): string | undefined {
  const behind = /-----BEGIN [A-Z0-9 ]{1,60}-----(\\[rn]|[^\r\n])/.exec(text)?.[1];
  if (behind === undefined) return undefined;
  return behind.startsWith("\\") ? "its line breaks are written as \\n" : "its line breaks are missing";
}
