import { isJsonArray, isJsonObject, JsonNumber, type JsonObject, type JsonValue } from "./json.ts";

/** An array or object that is being written. */
interface Frame {
  /** The values, each with the text that goes before it (nothing, or its key and a colon). */
  readonly parts: readonly (readonly [label: string, value: JsonValue])[];
  readonly close: string;
  at: number;
}

/**
 * Writes as Go's `json.Marshal` does: compact, keys sorted by their UTF-8 bytes, `<`, `>`, `&`, U+2028 and U+2029
 * escaped, numbers as they were written. Takes any depth.
 */
export function writeGoJson(value: JsonValue): string {
  let out = "";
  const open: Frame[] = [];
  const write = (next: JsonValue) => {
    if (isJsonArray(next)) {
      out += "[";
      open.push({ parts: next.map((item) => ["", item]), close: "]", at: 0 });
    } else if (isJsonObject(next)) {
      out += "{";
      open.push({ parts: labelled(next), close: "}", at: 0 });
    } else out += writeScalar(next);
  };
  write(value);
  for (let frame = open.at(-1); frame !== undefined; frame = open.at(-1)) {
    const part = frame.parts[frame.at];
    if (part === undefined) {
      out += frame.close;
      open.pop();
    } else {
      out += frame.at++ === 0 ? part[0] : `,${part[0]}`;
      write(part[1]);
    }
  }
  return out;
}

/** One string as Go's `json.Marshal` writes it, quotes included. Lone surrogates become `\ufffd`. */
export function writeGoString(text: string): string {
  return `"${text.replace(special, escapeOf)}"`;
}

/** Order of two strings by their UTF-8 bytes, as Go sorts; JavaScript's own order goes by UTF-16 code units. */
export function compareGoStrings(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left !== right) return byteRank(left) - byteRank(right);
  }
  return a.length - b.length;
}

function labelled(members: JsonObject): readonly (readonly [string, JsonValue])[] {
  const sorted = [...members].sort(([a], [b]) => compareGoStrings(a, b));
  return sorted.map(([key, value]) => [`${writeGoString(key)}:`, value]);
}

function writeScalar(value: null | boolean | string | JsonNumber): string {
  if (value instanceof JsonNumber) return value.text;
  return typeof value === "string" ? writeGoString(value) : String(value);
}

/** Control characters, what HTML could trip over, line separators, and surrogates that have no partner. */
const special = /["\\<>&\p{Cc}\u2028\u2029\p{Cs}]/gu;

const shortEscapes: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ["\\", "\\\\"],
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);

function escapeOf(character: string): string {
  const short = shortEscapes.get(character);
  if (short !== undefined) return short;
  const code = character.charCodeAt(0);
  if (code >= 0xd800 && code <= 0xdfff) return "\\ufffd";
  // DEL and the controls of Latin-1 are in the pattern's class, but Go leaves them alone.
  return code >= 0x7f && code <= 0x9f ? character : `\\u${code.toString(16).padStart(4, "0")}`;
}

/** Surrogates stand for characters beyond U+FFFF and so sort behind U+E000 to U+FFFF. */
function byteRank(code: number): number {
  return code >= 0xd800 && code <= 0xdfff ? code + 0x10000 : code;
}
