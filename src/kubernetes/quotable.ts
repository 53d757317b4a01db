/** Most characters of the API's words that an error shows. */
const mostShown = 256;

/** So many are looked at: what is shown, and what a value that begins there goes on with. */
const mostRead = 1_024;

/** A value is taken in blocks of so many characters, so that a long one costs its length and no more. */
const block = 12;

/** Strings under `data` of an object that is sent, as they are and decoded. */
export function valuesOf(object: object): readonly string[] {
  const data = "data" in object && typeof object.data === "object" && object.data !== null ? object.data : {};
  return Object.values(data)
    .filter((value) => typeof value === "string")
    .flatMap((value) => [value, Buffer.from(value, "base64").toString()]);
}

/** A value that is shorter stands in ordinary words as well, so only where it stands by itself does it count as quoted. */
const shortestAnywhere = 8;

/** A value that is shorter says nothing: it stands in every text. */
const shortestAlone = 4;

/**
 * The API's words on one line, 256 characters at most; undefined if they hold any of the values that were sent, or 23
 * characters of one in a row: a policy can be written so that its message quotes the object.
 */
export function quotableWords(words: string, values: readonly string[]): string | undefined {
  const read = words.slice(0, mostRead);
  const line = read.replace(/[\s\p{Cc}]+/gu, " ").trim();
  const blocks = new Set([...blocksOf(read, 1), ...blocksOf(line, 1)]);
  for (const value of values) {
    if (holds(read, value) || holds(line, value)) return undefined;
    for (const part of blocksOf(value, block)) if (blocks.has(part)) return undefined;
  }
  return line.length > mostShown ? `${line.slice(0, mostShown - 1)}…` : line;
}

function holds(text: string, value: string): boolean {
  if (value.length < shortestAlone) return false;
  for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + 1)) {
    const isAlone = !isInWord(text[at - 1]) && !isInWord(text[at + value.length]);
    if (isAlone || value.length >= shortestAnywhere) return true;
  }
  return false;
}

function isInWord(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}_]/u.test(character);
}

function* blocksOf(text: string, step: number): Generator<string> {
  for (let at = 0; at + block <= text.length; at += step) yield text.slice(at, at + block);
}
