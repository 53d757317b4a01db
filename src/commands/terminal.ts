import { isColourUnwanted } from "../config/config.ts";
import type { Paint } from "../lint/formats/human.ts";

/** Prints lines on standard output. */
export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

const codes: Readonly<Record<Parameters<Paint>[0], number>> = { bold: 1, dim: 2, red: 31, yellow: 33, green: 32 };

/** Colours for a terminal; plain text for anything else, and where `NO_COLOR` is set. */
export function paintFor(stream: { readonly isTTY?: boolean }): Paint {
  if (stream.isTTY !== true || isColourUnwanted()) return (_, text) => text;
  return (style, text) => `\u001b[${codes[style]}m${text}\u001b[0m`;
}
