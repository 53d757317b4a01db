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
  const chosen = { cert: certificates.slice(0, 1), key: keys.slice(0, 1), chain: certificates.slice(1) }[part];
  if (certificates.length === 0 && part !== "key") throw new FormatError("there is no certificate in PEM form");
  if (keys.length === 0 && part === "key") throw new FormatError("there is no private key in PEM form");
  return chosen.map(({ whole }) => `${whole}\n`).join("");
}
