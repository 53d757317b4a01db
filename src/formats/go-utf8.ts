/**
 * Bytes as text the way Go ranges over a string: each byte that is not part of a whole, shortest-form character becomes
 * one U+FFFD, or what `broken` says. (The web's decoder makes one of several bytes.) A BOM is kept.
 */
export function decodeGoUtf8(bytes: Uint8Array, broken = "\ufffd"): string {
  const pieces: string[] = [];
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let from = 0;
  let at = 0;
  while (at < bytes.length) {
    const length = characterLength(bytes, at);
    if (length === 0) {
      pieces.push(buffer.toString("utf8", from, at), broken);
      from = at + 1;
    }
    at += Math.max(length, 1);
  }
  pieces.push(buffer.toString("utf8", from, at));
  return pieces.join("");
}

/** How a character starts, by its first byte: its length, and the range of the second byte (Unicode, table 3-7). */
const starts: readonly (readonly [first: number, last: number, length: number, low: number, high: number])[] = [
  [0xc2, 0xdf, 2, 0x80, 0xbf],
  [0xe0, 0xe0, 3, 0xa0, 0xbf],
  [0xe1, 0xec, 3, 0x80, 0xbf],
  [0xed, 0xed, 3, 0x80, 0x9f],
  [0xee, 0xef, 3, 0x80, 0xbf],
  [0xf0, 0xf0, 4, 0x90, 0xbf],
  [0xf1, 0xf3, 4, 0x80, 0xbf],
  [0xf4, 0xf4, 4, 0x80, 0x8f],
];

/** Bytes of the whole character at `at`; 0 where none starts. */
function characterLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return 1;
  const start = starts.find(([first, last]) => lead >= first && lead <= last);
  if (start === undefined) return 0;
  const [, , length, low, high] = start;
  const second = bytes[at + 1] ?? 0;
  if (second < low || second > high) return 0;
  for (let next = at + 2; next < at + length; next++) {
    if (((bytes[next] ?? 0) & 0xc0) !== 0x80) return 0;
  }
  return length;
}
