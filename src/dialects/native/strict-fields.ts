import type { ErrorId } from "../../errors.ts";
import { goFields, goText, type YamlField } from "../../formats/go-yaml.ts";
import type { YamlNode, YamlPosition } from "../../formats/yaml-node.ts";
import { named, type Problems, quoted } from "../problems.ts";
import { fixForUnknown } from "../read-shape.ts";
import { fixForWord } from "../word-places.ts";

/** Fields by name. */
export type Fields = ReadonlyMap<string, YamlField>;

/** Which fields a map may have. `known: "any"` leaves the others to a schema. */
export interface FieldRules {
  readonly known: readonly string[] | "any";
  readonly notYet: readonly string[];
}

/** Notes a problem of one place in a parameter's YAML, with line and column. */
export function noteAt(
  problems: Problems,
  id: ErrorId,
  place: string,
  at: YamlPosition,
  message: string,
  fix?: string,
) {
  problems.add(id, place, `${message} at line ${at.line}, column ${at.column}`, fix, at);
}

/** Returns the fix for a field that is unknown in its place: where it belongs, or the nearest known field. */
export function fixForField(name: string, known: readonly string[]): string | undefined {
  return fixForWord(name, { provider: "latchkey", kind: "field", known }) ?? fixForUnknown(name, known);
}

/** The place of something below another place: `stores.vault` and `["tags", 0]` make `stores.vault.tags.0`. */
export function placeOf(place: string, path: readonly (string | number)[]): string {
  return [place, ...path.map((part) => named(String(part)))].join(".");
}

/** The fields of a map; notes unknown ones and ones that come with a later version. `undefined` where it is no map. */
export function strictFields(node: YamlNode, place: string, rules: FieldRules, problems: Problems): Fields | undefined {
  const fields = problems.attempt(place, () => goFields(node, "v3"));
  for (const [name, { at }] of fields ?? []) {
    const where = `${place}.${named(name)}`;
    if (rules.notYet.includes(name)) {
      noteAt(problems, "LK0004", where, at, `${name} is not supported yet`, `remove ${name}`);
    } else if (rules.known !== "any" && !rules.known.includes(name)) {
      noteAt(problems, "LK0003", where, at, `unknown field ${quoted(name)}`, fixForField(name, rules.known));
    }
  }
  return fields;
}

/** The text of a field that must be there and not be empty; `undefined` after noting that it is not. */
export function requiredText(
  fields: Fields,
  name: string,
  { place, at, fix }: { readonly place: string; readonly at: YamlPosition; readonly fix: string },
  problems: Problems,
): string | undefined {
  const field = fields.get(name);
  const text = problems.attempt(`${place}.${name}`, () => goText(field?.value));
  if (text !== "") return text;
  noteAt(problems, "LK0003", place, field?.at ?? at, `${name} is missing or empty`, fix);
  return undefined;
}
