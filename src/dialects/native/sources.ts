import { couldNotAsk } from "../../errors.ts";
import { goList } from "../../formats/go-yaml.ts";
import type { YamlNode } from "../../formats/yaml-node.ts";
import type { NextSources, Source } from "../../plan/plan.ts";
import { namedAll, type Problems, quoted } from "../../plan/problems.ts";
import { fixForUnknown, readShape } from "../read-shape.ts";
import { plainFields, positionOf } from "./plain-value.ts";
import type { NamedStore, NamedStores } from "./stores.ts";
import { type Fields, fixForField, placeOf, requiredText, strictFields } from "./strict-fields.ts";

/** One entry of a list, whose fields are known. */
interface Entry {
  readonly node: YamlNode;
  readonly place: string;
  readonly fields: Fields;
}

/** The store that a secret names; `undefined` after noting that there is none. */
export function readStoreName({ node, place, fields }: Entry, stores: NamedStores, problems: Problems) {
  const names = [...stores.keys()];
  const fix = `write the name of an entry of \`stores\`${names.length === 0 ? "" : `: ${namedAll(names)}`}`;
  const name = requiredText(fields, "store", { place, at: node.at, fix }, problems);
  if (name === undefined || stores.has(name)) return stores.get(name ?? "");
  const at = fields.get("store")?.value.at ?? node.at;
  const hint = problems.hint(() => fixForUnknown(name, names));
  problems.at(at).addHere("LK0003", `${place}.store`, `\`stores\` has no ${quoted(name)}`, hint);
  return undefined;
}

/** All fields but `own` are the store's: its schema says what a ref may have. */
export function readSource(
  { node, place }: Pick<Entry, "node" | "place">,
  { store, settings, checkName }: NamedStore,
  own: readonly string[],
  problems: Problems,
): Source | undefined {
  const written = problems.attempt(place, () => plainFields(node, own));
  if (written === undefined) return undefined;
  const shape = readShape(store.ref, written, own, (word, known) => problems.hint(() => fixForField(word, known)));
  if ("value" in shape) {
    const before = problems.count;
    problems.attempt(place, () => checkName(store.reach?.(shape.value) ?? store.nameOf(shape.value)));
    if (problems.count > before) return undefined;
    return settings && { store: store.kind, settings: settings.value, ref: shape.value };
  }
  for (const { path, message, fix } of shape.problems) {
    problems.at(positionOf(node, path)).addHere("LK0003", placeOf(place, path), message, fix);
  }
  return undefined;
}

/** Reads `fallback`, the sources that are asked where the one before cannot be and nothing stale is left to serve. */
export function readFallback(
  fields: Fields,
  place: string,
  stores: NamedStores,
  problems: Problems,
): NextSources | undefined {
  const list = fields.get("fallback")?.value;
  const items = problems.attempt(`${place}.fallback`, () => (list === undefined ? [] : goList(list)), fallbackFix);
  const read = (items ?? []).flatMap((item, index) => {
    const source = readFallbackItem(item, `${place}.fallback[${index}]`, stores, problems);
    return source === undefined ? [] : [source];
  });
  const [first, ...rest] = read;
  return first && { sources: [first, ...rest], stale: "beforeNext", tryNext: couldNotAsk };
}

function readFallbackItem(node: YamlNode, place: string, stores: NamedStores, problems: Problems): Source | undefined {
  const fields = strictFields(node, place, "any", problems);
  const store = fields && readStoreName({ node, place, fields }, stores, problems);
  const find = fields?.get("find");
  if (find !== undefined) {
    problems.at(find.at).addHere("LK0003", `${place}.find`, "a fallback is one secret", "write its name");
    return undefined;
  }
  return store && readSource({ node, place }, store, ["store"], problems);
}

const fallbackFix = "write a list: [{ store: ..., name: ... }]";
