import { FormatError } from "../../formats/format-error.ts";
import { goText } from "../../formats/go-yaml.ts";
import { compilePattern, type Pattern } from "../../formats/pattern.ts";
import type { YamlNode } from "../../formats/yaml-node.ts";
import type { Find, Source } from "../../plan/plan.ts";
import { type Problems, quoted } from "../../plan/problems.ts";
import { readShape } from "../read-shape.ts";
import { plainFields, positionOf } from "./plain-value.ts";
import type { NamedStore } from "./stores.ts";
import { type Fields, fixForField, placeOf, strictFields } from "./strict-fields.ts";

/** Where a secret lies, or where secrets are searched; no source next to a noted problem. */
export interface ReadSource {
  readonly source: Source | undefined;
  readonly find: Find | undefined;
}

/** The entry of `secrets` that a search stands in. */
export interface SearchEntry {
  readonly place: string;
  readonly fields: Fields;
  /** The dialect's words for any entry. */
  readonly words: readonly string[];
}

/** Words of `find` that are the dialect's; the others are the store's. */
const own = ["pattern", "limit"];

/** So many secrets are found where nobody says otherwise, and at most. */
const limits = { usual: 100, most: 1_000 };

/** Words beside `find` that speak of one secret. */
const ofOne = ["fallback", "default", "verify", "verifyHold"];

/** Reads `find`: the secrets of a store whose names fit; notes what is wrong, and what the store cannot do. */
export function readFind(node: YamlNode, entry: SearchEntry, named: NamedStore, problems: Problems): ReadSource {
  const before = problems.count;
  const { place } = entry;
  const inner = strictFields(node, `${place}.find`, "any", problems);
  noteOfOne(entry, problems);
  if (inner === undefined) return nothing;
  const pattern = readPattern(inner, `${place}.find`, problems);
  const limit = readLimit(inner, `${place}.find`, problems);
  const query = readQuery(node, `${place}.find`, named, problems);
  const { store, settings, checkName } = named;
  if (problems.count > before || query === undefined || settings === undefined) return nothing;
  const prefix = store.search.prefixOf?.(query.value) ?? "";
  const find: Find = {
    accepts: (name) => pattern?.test(name) !== false,
    ...(pattern === undefined ? {} : { workFor: (name) => pattern.workFor(name) }),
    limit,
    emptyAdvice: store.search.emptyAdvice?.(query.value),
    shortOf: (name) => store.search.shortOf?.(query.value, name) ?? name.slice(prefix.length).replace(/^\//, ""),
    refOf: (name) => {
      const ref = store.search.refOf(query.value, name);
      checkName(store.reach?.(ref) ?? store.nameOf(ref));
      return ref;
    },
  };
  return { source: { store: store.kind, settings: settings.value, ref: query.value }, find };
}

const nothing: ReadSource = { source: undefined, find: undefined };

/** A word that only makes sense of one secret, and a name beside the search for names. */
function noteOfOne({ place, fields, words }: SearchEntry, problems: Problems): void {
  for (const [name, { at }] of fields) {
    if (words.includes(name) && !ofOne.includes(name)) continue;
    const fix = ofOne.includes(name) ? `remove ${name}` : `remove ${name}, or find`;
    problems.at(at).addHere("LK0003", `${place}.${name}`, `find and ${quoted(name)} cannot both be set`, fix);
  }
}

function readQuery(node: YamlNode, place: string, { store, checkName }: NamedStore, problems: Problems) {
  const written = problems.attempt(place, () => plainFields(node, own));
  if (written === undefined) return undefined;
  const shape = readShape(store.search.query, written, own, (word, known) =>
    problems.hint(() => fixForField(word, known)),
  );
  if ("value" in shape) {
    return problems.attempt(place, () => {
      // Names that do not begin alike are each checked when they are found.
      const fenced = store.reach?.(shape.value) ?? store.search.prefixOf?.(shape.value);
      if (fenced !== undefined) checkName(fenced);
      return shape;
    });
  }
  for (const { path, message, fix } of shape.problems) {
    problems.at(positionOf(node, path)).addHere("LK0003", placeOf(place, path), message, fix);
  }
  return undefined;
}

function readPattern(fields: Fields, place: string, problems: Problems): Pattern | undefined {
  const node = fields.get("pattern")?.value;
  const fix = "write a regular expression, such as /db-[a-z]+$";
  return problems
    .at(node?.at)
    .attempt(`${place}.pattern`, () => (node === undefined ? undefined : compilePattern(goText(node))), fix);
}

function readLimit(fields: Fields, place: string, problems: Problems): number {
  const node = fields.get("limit")?.value;
  const read = () => {
    if (node === undefined) return limits.usual;
    const text = goText(node);
    const limit = /^[1-9][0-9]{0,3}$/.test(text) ? Number(text) : Number.NaN;
    if (limit <= limits.most) return limit;
    throw new FormatError(`${quoted(text)} is not a number from 1 to ${limits.most}`, node.at);
  };
  return problems.attempt(`${place}.limit`, read) ?? limits.usual;
}
