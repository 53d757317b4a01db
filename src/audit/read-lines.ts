/** Longest line that can be Latchkey's own, in bytes: what is looked for of the last one, too. */
export const longestLine = 8 * 1024 ** 2;

const newline = 0x0a;

/**
 * Yields lines by their bytes: only a newline ends one, because names can hold characters that other readers take for a
 * line end. A line that is not UTF-8, has no end or is too long to be Latchkey's comes cut short, so that it does not
 * read as one of Latchkey's lines.
 */
export async function* readAuditLines(input: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let held: Buffer[] = [];
  let size = 0;
  for await (const chunk of input) {
    let at = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, at)) {
      yield textOf([...held, chunk.subarray(at, end)]);
      [held, size, at] = [[], 0, end + 1];
    }
    // What is too long is told by its length; the rest of it need not be kept.
    if (size <= longestLine) held.push(chunk.subarray(at));
    size += chunk.length - at;
  }
  if (size > 0) yield textOf(held).slice(0, -1);
}

function textOf(parts: readonly Buffer[]): string {
  const bytes = Buffer.concat(parts);
  const text = bytes.toString();
  return bytes.length <= longestLine && Buffer.from(text).equals(bytes) ? text : text.slice(0, 16);
}
