import { goFields } from "../../formats/go-yaml.ts";
import { resolveGoScalar } from "../../formats/go-yaml-scalar.ts";
import type { YamlNode, YamlPosition } from "../../formats/yaml-node.ts";

/**
 * A YAML value as schemas take it: maps are objects without a prototype, so that `__proto__` is an ordinary key; whole
 * numbers beyond 2^53 stay text. Throws `FormatError`.
 */
function plainValue(node: YamlNode): unknown {
  if (node.kind === "list") return node.items.map(plainValue);
  if (node.kind === "map") return plainFields(node, []);
  const scalar = resolveGoScalar(node, "v3");
  if (scalar.type === "null") return null;
  if (scalar.type !== "int") return scalar.value;
  const number = Number(scalar.value);
  return Number.isSafeInteger(number) ? number : node.text;
}

/** The fields of a map as `plainValue` makes them, less those that are not the schema's. Throws `FormatError`. */
export function plainFields(node: YamlNode, without: readonly string[]): Readonly<Record<string, unknown>> {
  const object: Record<string, unknown> = Object.create(null);
  for (const [name, field] of goFields(node, "v3")) {
    if (!without.includes(name)) object[name] = plainValue(field.value);
  }
  return object;
}

/** Where the value at a path starts, or the nearest that exists on the way to it. */
export function positionOf(node: YamlNode, path: readonly (string | number)[]): YamlPosition {
  const [first, ...rest] = path;
  if (first === undefined) return node.at;
  const next = node.kind === "list" ? undefined : goFields(node, "v3").get(String(first));
  if (next !== undefined) return rest.length === 0 ? next.at : positionOf(next.value, rest);
  const item = node.kind === "list" ? node.items[Number(first)] : undefined;
  return item === undefined ? node.at : positionOf(item, rest);
}
