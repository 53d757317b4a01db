import { isJsonObject, type JsonValue, memberOf } from "../formats/json.ts";
import { nearest } from "../nearest.ts";
import { quoted } from "../plan/problems.ts";

/** So many keys are compared: each takes time by the square of its length. */
const mostKeys = 1_000;

/**
 * The key that the missing part of a path was probably meant to be, quoted; undefined where none is near. Names of keys are
 * not values, and only one that resembles what the SecretProviderClass says is shown.
 */
export function nearKey(secret: JsonValue, path: readonly (string | number)[]): string | undefined {
  let value: JsonValue | undefined = secret;
  for (const [at, part] of path.entries()) {
    const inner = memberOf(value, part);
    if (inner === undefined) return nearIn(value, part, path[at + 1]);
    value = inner;
  }
  return undefined;
}

function nearIn(value: JsonValue | undefined, part: string | number, next: string | number | undefined) {
  if (typeof part === "number" || !isJsonObject(value)) return undefined;
  // Vault's own answer has the keys below data; what is selected from here is that already.
  if (part === "data" && typeof next === "string" && value.has(next)) return quoted(next);
  const keys: string[] = [];
  for (const key of value.keys()) if (keys.push(key) >= mostKeys) break;
  const near = nearest(part, keys);
  // Any other short name is as near.
  const isNear = near !== undefined && (part.length > 2 || near.toLowerCase() === part.toLowerCase());
  return isNear ? quoted(near) : undefined;
}

const name = String.raw`(?:[A-Za-z_][A-Za-z0-9_]{0,255}|"[^"\\]{1,256}")`;
const plainPath = new RegExp(`^${name}(?:\\.${name}){0,31}$`);

/** The names of a JMESPath that is nothing but names with dots between them; undefined for any other. */
export function plainNames(expression: string): readonly string[] | undefined {
  if (!plainPath.test(expression)) return undefined;
  return [...expression.matchAll(new RegExp(name, "g"))].map(([each]) => each.replace(/^"|"$/g, ""));
}
