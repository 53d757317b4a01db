/** The characters besides letters and digits that Go's `QueryEscape` leaves unescaped. */
const plainInQuery = "-_.~";
const hexPair = /^[0-9a-fA-F]{2}$/;

/**
 * A query string, parsed and written again as Go's `url.ParseQuery` and `Values.Encode` do: sorted by key bytes, the values
 * of one key in their order. Undefined where Go refuses it: a `;`, or a `%` without two hex digits.
 */
export function parseQuery(query: string): string | undefined {
  const values = new Map<string, string[]>();
  for (const pair of toBytes(query).split("&")) {
    if (pair === "") continue;
    if (pair.includes(";")) return undefined;
    const equals = pair.indexOf("=");
    const key = queryUnescape(equals < 0 ? pair : pair.slice(0, equals));
    const value = queryUnescape(equals < 0 ? "" : pair.slice(equals + 1));
    if (key === undefined || value === undefined) return undefined;
    const known = values.get(key);
    if (known === undefined) values.set(key, [value]);
    else known.push(value);
  }
  return [...values.keys()]
    .sort(compareBytes)
    .flatMap((key) => (values.get(key) ?? []).map((value) => `${queryEscape(key)}=${queryEscape(value)}`))
    .join("&");
}

/** Percent-encodes a string of bytes (one code unit each), leaving letters, digits and `plain` as they are. */
export function percentEncode(bytes: string, plain: string): string {
  return bytes.replace(/[^A-Za-z0-9]/gs, (char) =>
    plain.includes(char) ? char : `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}

/** Text as a string of its UTF-8 bytes, so that escapes such as `%ff` need not be text. */
function toBytes(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

function queryEscape(bytes: string): string {
  return percentEncode(bytes, `${plainInQuery} `).replaceAll(" ", "+");
}

function queryUnescape(bytes: string): string | undefined {
  const parts = bytes.replaceAll("+", " ").split("%");
  const [head = "", ...rest] = parts;
  if (!rest.every((part) => hexPair.test(part.slice(0, 2)))) return undefined;
  return head + rest.map((part) => String.fromCharCode(Number.parseInt(part.slice(0, 2), 16)) + part.slice(2)).join("");
}

function compareBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
