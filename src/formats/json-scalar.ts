import { FormatError } from "./format-error.ts";

const number = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;

/** The JSON number that starts at `start`, as written; `undefined` where none does. */
export function readJsonNumber(text: string, start: number): string | undefined {
  let end = start;
  while (isNumberCharacter(text.charCodeAt(end))) end++;
  const run = text.slice(start, end);
  return number.test(run) ? run : undefined;
}

/** Digits, `+`, `-`, `.`, `e` and `E`: no other JSON can follow a number directly with one of them. */
function isNumberCharacter(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || code === 0x2b || code === 0x2d || code === 0x2e || (code | 0x20) === 0x65;
}

const quote = 0x22;
const backslash = 0x5c;

/** The JSON string whose opening quote is at `start`, and the offset behind its closing quote. Throws `FormatError`. */
export function readJsonString(text: string, start: number): { readonly value: string; readonly end: number } {
  const pieces: string[] = [];
  let from = start + 1;
  let at = from;
  for (;;) {
    at = endOfPlainRun(text, at);
    pieces.push(text.slice(from, at));
    if (text.charCodeAt(at) === quote) return { value: joined(pieces), end: at + 1 };
    const escaped = readEscape(text, at);
    pieces.push(escaped.value);
    at = escaped.end;
    from = at;
  }
}

/** One half of a surrogate pair can be an escape and end up alone; Go writes U+FFFD for it. */
function joined(pieces: readonly string[]): string {
  return pieces.length === 1 ? (pieces[0] ?? "") : pieces.join("").toWellFormed();
}

function endOfPlainRun(text: string, start: number): number {
  let at = start;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === quote || code === backslash) return at;
    if (Number.isNaN(code)) throw new FormatError("unexpected end of JSON", { offset: at });
    if (code < 0x20) throw new FormatError("unescaped control character in a JSON string", { offset: at });
    at++;
  }
}

const shortEscapes: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["\\", "\\"],
  ["/", "/"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);

function readEscape(text: string, at: number): { readonly value: string; readonly end: number } {
  const letter = text[at + 1] ?? "";
  const short = shortEscapes.get(letter);
  if (short !== undefined) return { value: short, end: at + 2 };
  const digits = text.slice(at + 2, at + 6);
  if (letter !== "u" || !/^[0-9a-fA-F]{4}$/.test(digits)) {
    throw new FormatError("unknown escape in a JSON string", { offset: at });
  }
  return { value: String.fromCharCode(Number.parseInt(digits, 16)), end: at + 6 };
}
