import { scalarText } from "./flat-object.ts";
import type { JsonObject } from "./json.ts";

/**
 * An object as a Java properties file, in its own order (https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/util/Properties.html#load(java.io.Reader)):
 * ASCII, so that it reads the same in ISO 8859-1 and UTF-8.
 */
export function writeProperties(object: JsonObject): string {
  return [...object].map(([key, value]) => `${escapeKey(key)}=${escapePropertyValue(scalarText(value))}\n`).join("");
}

/** A text as the value of a line takes it. Only space in front would be lost. */
export function escapePropertyValue(value: string): string {
  return escapeText(value).replace(/^ /, "\\ ");
}

function escapeKey(key: string): string {
  return escapeText(key).replace(/[ =:#!]/g, "\\$&");
}

const named: ReadonlyMap<string, string> = new Map([
  ["\\", "\\\\"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\f", "\\f"],
]);

function escapeText(text: string): string {
  return text.replace(/[\\\n\r\t\f]|[^ -~]/g, (unit) => named.get(unit) ?? unicode(unit));
}

/** By UTF-16 code units, as Java has them. */
function unicode(text: string): string {
  const units = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at).toString(16).padStart(4, "0"));
  return units.map((unit) => `\\u${unit}`).join("");
}
