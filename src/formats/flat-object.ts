import { writeGoJson } from "./go-json.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "./json.ts";

/** A value as one text: text as it is, numbers as they were written, null as nothing, anything else as compact JSON. */
export function scalarText(value: JsonValue): string {
  if (value === null) return "";
  return typeof value === "string" ? value : writeGoJson(value);
}

/**
 * Objects inside become members of the outermost, their keys joined by `separator`; lists and empty objects stay. `spend` is
 * told of the characters of each key before it is made: in a deep value they add up to far more than the value.
 */
export function flatten(
  object: JsonObject,
  separator: string,
  spend: (characters: number) => void = () => undefined,
): readonly (readonly [key: string, value: JsonValue])[] {
  const flat: (readonly [string, JsonValue])[] = [];
  // In a list of its own, so that no depth exhausts the call stack; reversed, so that members come in their order.
  const open: (readonly [string, JsonValue])[] = [...object].reverse();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [key, value] = next;
    if (!isJsonObject(value) || value.size === 0) flat.push(next);
    else {
      for (const [inner, member] of [...value].reverse()) {
        spend(key.length + separator.length + inner.length);
        open.push([`${key}${separator}${inner}`, member]);
      }
    }
  }
  return flat;
}
