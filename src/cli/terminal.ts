import { isColourUnwanted } from "../config/config.ts";
import type { Paint } from "../lint/formats/human.ts";

/**
 * Prints and waits until all of it is out: the process exits when its command is done, and a pipe takes 64 KiB at once. A
 * reader that went away has what it wanted.
 */
export async function print(text: string, stream: NodeJS.WriteStream = process.stdout): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const done = (error?: NodeJS.ErrnoException | null) => (error && error.code !== "EPIPE" ? reject(error) : resolve());
  if (!stream.listeners("error").includes(told)) stream.on("error", told);
  stream.write(text, done);
  await promise;
}

/** The error comes to the writer as well, but an event that nobody hears would end the process. */
function told(): undefined {
  return undefined;
}

const codes: Readonly<Record<Parameters<Paint>[0], number>> = { bold: 1, dim: 2, red: 31, yellow: 33, green: 32 };

/** Colours for a terminal; plain text for anything else, and where `NO_COLOR` is set. */
export function paintFor(stream: { readonly isTTY?: boolean }): Paint {
  if (stream.isTTY !== true || isColourUnwanted()) return (_, text) => text;
  return (style, text) => `\u001b[${codes[style]}m${text}\u001b[0m`;
}
