import { scalarText } from "./flat-object.ts";
import { FormatError } from "./format-error.ts";
import type { JsonObject } from "./json.ts";

/** What every shell and every dotenv reader takes as a name. */
const name = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** What needs no quotes anywhere. */
const plain = /^[A-Za-z0-9_.,:@%+/=-]+$/;

/**
 * An object as `NAME=value` lines, in its own order. Values stand in single quotes, which shells and dotenv readers take
 * as they are; one that holds a single quote stands in double quotes with `\`, `"`, `$` and backquotes escaped. Throws
 * `FormatError` for a key that is no name.
 */
export function writeDotenv(object: JsonObject): string {
  return [...object].map(([key, value]) => `${requireName(key)}=${quoteDotenv(scalarText(value))}\n`).join("");
}

/** One value as a line of a dotenv file takes it. */
export function quoteDotenv(value: string): string {
  if (plain.test(value)) return value;
  if (!value.includes("'")) return `'${value}'`;
  return `"${value
    .replace(/[\\"$`]/g, "\\$&")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")}"`;
}

function requireName(key: string): string {
  if (name.test(key)) return key;
  throw new FormatError(`the key ${JSON.stringify(key.slice(0, 256))} is no name of an environment variable`);
}
