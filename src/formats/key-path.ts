import { FormatError } from "./format-error.ts";
import { readJsonString } from "./json-scalar.ts";

/** Names of fields and indices of lists, outermost first. */
export type KeyPath = readonly (string | number)[];

const name = /^[^.[\]"]+/;
const index = /^\[(0|[1-9][0-9]{0,8})\]/;

/**
 * Reads the path of a value inside a secret: names with dots between them, names with dots or brackets in double quotes
 * (JSON's escapes), indices in brackets. `db.hosts[0]."tls.crt"` is `db`, `hosts`, 0, `tls.crt`. Throws `FormatError`.
 */
export function parseKeyPath(text: string): KeyPath {
  const parts: (string | number)[] = [];
  let at = 0;
  while (at < text.length) {
    const item = index.exec(text.slice(at, at + 12));
    if (item !== null) {
      parts.push(Number(item[1]));
      at += item[0].length;
      continue;
    }
    if (parts.length > 0) at = behindDot(text, at);
    const { value, end } = readName(text, at);
    parts.push(value);
    at = end;
  }
  if (parts.length === 0) throw new FormatError("a key must not be empty");
  return parts;
}

function behindDot(text: string, at: number): number {
  if (text[at] === ".") return at + 1;
  throw new FormatError('a `.` or an index such as [0] is needed; names that hold one of . [ ] " need double quotes', {
    offset: at,
  });
}

function readName(text: string, at: number): { readonly value: string; readonly end: number } {
  if (text[at] === '"') return readJsonString(text, at);
  const value = name.exec(text.slice(at))?.[0];
  if (value !== undefined) return { value, end: at + value.length };
  throw new FormatError('a name is needed; names that hold one of . [ ] " need double quotes', { offset: at });
}
