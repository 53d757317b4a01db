import { dialectDefinition } from "../dialects/index.ts";
import { readableEntries } from "../dialects/text-entries.ts";
import { fixForWord } from "../dialects/word-places.ts";
import type { DialectWords, Word } from "../dialects/words.ts";
import { FormatError } from "../formats/format-error.ts";
import { readYaml } from "../formats/read-yaml.ts";
import type { YamlNode, YamlPosition } from "../formats/yaml-node.ts";
import { named, quoted } from "../plan/problems.ts";
import { fieldsOf, itemsOf } from "./kubernetes-objects.ts";

/** A parameter or field that the dialect passes over. */
export interface UnreadWord {
  readonly rule: "unknown-word" | "ignored-word";
  readonly parameter: string;
  /** In the parameter's text; undefined for the parameter itself. */
  readonly at: YamlPosition | undefined;
  readonly subject: string;
  readonly message: string;
  readonly fix: string | undefined;
}

/** Finds the words that a drop-in dialect would silently pass over: misspelt ones, and those of older versions. */
export function unreadWords(provider: string, parameters: ReadonlyMap<string, string>): readonly UnreadWord[] {
  const { words } = dialectDefinition(provider);
  const { list, wrapper } = words;
  const top = [...parameters.keys()].flatMap((name) => {
    const where = { provider, kind: "parameter", parameter: name, at: undefined, place: "" };
    return judge(name, words.parameters, false, where);
  });
  const text = parameters.get(list) ?? "";
  const entries = wrapper === undefined ? entriesOf(text) : readableEntries(text, wrapper);
  return [...top, ...entries.flatMap((entry, index) => inEntry(provider, words, entry, `${list}[${index}]`))];
}

/** The dialect has told what is wrong where the text cannot be read. */
function entriesOf(text: string): readonly YamlNode[] {
  try {
    return itemsOf(readYaml(text));
  } catch (error) {
    if (error instanceof FormatError) return [];
    throw error;
  }
}

function inEntry(
  provider: string,
  { list, fields: known, inner, anyCase }: DialectWords,
  entry: YamlNode,
  place: string,
): readonly UnreadWord[] {
  const inObject = { provider, kind: list, parameter: list };
  const fields = fieldsOf(entry);
  const own = [...fields].flatMap(([name, { at }]) => judge(name, known, anyCase, { ...inObject, at, place }));
  const below = [...fields].flatMap(([name, { value }]) => {
    const words = [...inner].find(([field]) => same(field, name, anyCase))?.[1].words;
    if (words === undefined) return [];
    const maps = value.kind === "list" ? value.items : [value];
    return maps.flatMap((map, index) => {
      const inside = value.kind === "list" ? `${place}.${name}[${index}]` : `${place}.${name}`;
      const judged = [...fieldsOf(map)];
      return judged.flatMap(([field, { at }]) => judge(field, words, anyCase, { ...inObject, at, place: inside }));
    });
  });
  return [...own, ...below];
}

interface Where {
  readonly provider: string;
  readonly kind: string;
  readonly parameter: string;
  readonly at: YamlPosition | undefined;
  readonly place: string;
}

function judge(
  name: string,
  known: readonly Word[],
  anyCase: boolean,
  { provider, kind, parameter, at, place }: Where,
): readonly UnreadWord[] {
  const word = known.find((each) => same(each.name, name, anyCase));
  if (word !== undefined && word.ignored === undefined) return [];
  const where = { parameter, at, subject: place === "" ? named(name) : `${place}.${named(name)}` };
  const shown = `${place === "" ? "parameter" : "field"} ${quoted(name)}`;
  if (word !== undefined)
    return [{ ...where, rule: "ignored-word", message: `${shown} is no longer read`, fix: word.ignored }];
  const names = known.filter((each) => each.ignored === undefined).map((each) => each.name);
  const fix = fixForWord(name, { provider, kind, known: names }) ?? "remove it";
  return [{ ...where, rule: "unknown-word", message: `${shown} is not read`, fix }];
}

function same(a: string, b: string, anyCase: boolean): boolean {
  return anyCase ? a.toLowerCase() === b.toLowerCase() : a === b;
}
