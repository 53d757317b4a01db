import { FormatError } from "./format-error.ts";

/** The parts of a bundle: the first certificate, the private key, the certificates after the first. */
export type PemPart = "cert" | "key" | "chain";

/**
 * One part of a PEM bundle (https://www.rfc-editor.org/rfc/rfc7468), each block as it is, with a newline behind it. A bundle
 * of one certificate has an empty chain. Throws `FormatError` where there is no such part.
 */
export function pemPart(text: string, part: PemPart): string {
  const blocks = blocksIn(text);
  const certificates = blocks.filter(({ label }) => label === "CERTIFICATE");
  const keys = blocks.filter(({ label }) => label.endsWith("PRIVATE KEY"));
  const missing = part === "key" ? keys.length === 0 : certificates.length === 0;
  if (missing) throw notThere(text, part === "key" ? "private key" : "certificate");
  const chosen = { cert: certificates.slice(0, 1), key: keys.slice(0, 1), chain: certificates.slice(1) }[part];
  return chosen.map(({ whole }) => `${whole}\n`).join("");
}

/** One block, from its beginning to its end. */
interface Block {
  readonly label: string;
  readonly whole: string;
}

/**
 * A block goes from a beginning to the next end of the same label, with nothing between that a block cannot hold. In one
 * pass: a pattern would go through the text again from each beginning, and whoever writes the secret can write many.
 */
function blocksIn(text: string): readonly Block[] {
  const ends = endsIn(text);
  const stranger = nextStranger(text);
  const blocks: Block[] = [];
  let from = 0;
  for (const { 0: line, 1: label = "", index } of text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----\r?\n/g)) {
    if (index < from) continue;
    const end = ends.after(label, index + line.length);
    if (end === undefined || stranger(index + line.length) < end.from) continue;
    blocks.push({ label, whole: text.slice(index, end.to) });
    from = end.to;
  }
  return blocks;
}

/** The ends of blocks, each with the line break in front of it. */
function endsIn(text: string) {
  const byLabel = new Map<string, { at: number; readonly ends: { readonly from: number; readonly to: number }[] }>();
  for (const { 0: line, 1: label = "", index } of text.matchAll(/\r?\n-----END ([A-Z0-9 ]+)-----/g)) {
    const known = byLabel.get(label) ?? { at: 0, ends: [] };
    known.ends.push({ from: index, to: index + line.length });
    byLabel.set(label, known);
  }
  return {
    /** The first end of a label from a position on; positions are asked for in their order. */
    after(label: string, position: number) {
      const known = byLabel.get(label);
      if (known === undefined) return undefined;
      while ((known.ends[known.at]?.from ?? position) < position) known.at += 1;
      return known.ends[known.at];
    },
  };
}

/** Tells where the next character stands that no block holds; positions are asked for in their order. */
function nextStranger(text: string): (position: number) => number {
  const strange = /[^A-Za-z0-9+/=\s:,-]/g;
  let known = -1;
  return (position) => {
    if (known >= position) return known;
    strange.lastIndex = position;
    known = strange.exec(text)?.index ?? text.length;
    return known;
  };
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
