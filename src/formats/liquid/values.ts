import { isJsonArray, isJsonObject, JsonNumber, type JsonValue } from "../json.ts";

/**
 * JSON as templates see it: objects without a prototype, numbers that JavaScript would write otherwise (`1.50`, integers of
 * 17 digits) as text, so that nothing of them is lost.
 */
export function templateValue(value: JsonValue): unknown {
  if (value instanceof JsonNumber) {
    const number = Number(value.text);
    return String(number) === value.text ? number : value.text;
  }
  if (isJsonArray(value)) return value.map(templateValue);
  if (!isJsonObject(value)) return value;
  const object: Record<string, unknown> = Object.create(null);
  for (const [key, member] of value) object[key] = templateValue(member);
  return object;
}
