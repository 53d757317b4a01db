import { goFields, goText, type YamlField } from "../../formats/go-yaml.ts";
import type { YamlNode, YamlPosition } from "../../formats/yaml-node.ts";
import { named, type Problems, quoted } from "../../plan/problems.ts";
import { fixForUnknown } from "../read-shape.ts";
import { fixForWord } from "../word-places.ts";
import { nativeName } from "./name.ts";

/** Fields by name. */
export type Fields = ReadonlyMap<string, YamlField>;

/** Returns the fix for a field that is unknown in its place: where it belongs, or the nearest known field. */
export function fixForField(name: string, known: readonly string[]): string | undefined {
  return fixForWord(name, { provider: nativeName, kind: "field", known }) ?? fixForUnknown(name, known);
}

/** The place of something below another place: `stores.vault` and `["tags", 0]` make `stores.vault.tags.0`. */
export function placeOf(place: string, path: readonly (string | number)[]): string {
  return [place, ...path.map((part) => named(String(part)))].join(".");
}

/** The fields of a map; notes unknown ones, which `"any"` leaves to a schema. `undefined` if it is not a map. */
export function strictFields(
  node: YamlNode,
  place: string,
  known: readonly string[] | "any",
  problems: Problems,
): Fields | undefined {
  const fields = problems.attempt(place, () => goFields(node, "v3"));
  for (const [name, { at }] of fields ?? []) {
    if (known === "any" || known.includes(name)) continue;
    const where = `${place}.${named(name)}`;
    const hint = problems.hint(() => fixForField(name, known));
    problems.at(at).addHere("LK0003", where, `unknown field ${quoted(name)}`, hint);
  }
  return fields;
}

/** The text of a field that must be there and not be empty; `undefined` after noting that it is not. */
export function requiredText(
  fields: Fields,
  required: string,
  { place, at, fix }: { readonly place: string; readonly at: YamlPosition; readonly fix: string },
  problems: Problems,
): string | undefined {
  const field = fields.get(required);
  const text = problems.attempt(`${place}.${required}`, () => goText(field?.value));
  if (text !== "") return text;
  problems.at(field?.at ?? at).addHere("LK0003", place, `${required} is missing or empty`, fix);
  return undefined;
}
