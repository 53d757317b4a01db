import { goList, isGoNull } from "../../formats/go-yaml.ts";
import { readYaml } from "../../formats/read-yaml.ts";
import type { YamlNode } from "../../formats/yaml-node.ts";
import type { Source, WantedBounds } from "../plan.ts";
import { namedAll, type Problems, quoted } from "../problems.ts";
import { fixForUnknown, readShape } from "../read-shape.ts";
import { boundNames, overlayBounds, readBounds } from "./bounds.ts";
import { type FileSpec, readFile } from "./files.ts";
import { notYet } from "./not-yet.ts";
import { plainFields, positionOf } from "./plain-value.ts";
import type { NamedStore, NamedStores } from "./stores.ts";
import { type Fields, noteAt, placeOf, requiredText, strictFields } from "./strict-fields.ts";

/** One entry of `secrets`. */
export interface SecretSpec {
  /** `secrets[2]`. */
  readonly place: string;
  /** `undefined` next to a noted problem. */
  readonly source: Source | undefined;
  readonly bounds: WantedBounds;
  readonly files: readonly FileSpec[];
}

const own = ["store", "files", ...boundNames];

/** Reads the parameter `secrets`; notes every problem and leaves out what is wrong. An empty list is legal. */
export function readSecrets(text: string, stores: NamedStores, problems: Problems): readonly SecretSpec[] {
  const form = "write a list: - { store: ..., name: ..., files: [{ path: ... }] }, or [] for none";
  const node = problems.attempt("secrets", () => readYaml(text), form);
  if (node === undefined) return [];
  if (isGoNull(node)) problems.add("LK0003", "secrets", "the parameter is missing or empty", form);
  const items = problems.attempt("secrets", () => goList(node), form) ?? [];
  return items.flatMap((item, index) => {
    const secret = readSecret(item, `secrets[${index}]`, stores, problems);
    return secret === undefined ? [] : [secret];
  });
}

function readSecret(node: YamlNode, place: string, stores: NamedStores, problems: Problems): SecretSpec | undefined {
  const fields = strictFields(node, place, { known: "any", notYet: notYet.secret }, problems);
  if (fields === undefined) return undefined;
  const store = readStoreName(node, place, fields, stores, problems);
  const source = store && !fields.has("find") ? readSource(node, place, store, problems) : undefined;
  const bounds = overlayBounds(readBounds(fields, place, problems), store?.bounds);
  return { place, source, bounds, files: readFiles(node, place, fields, problems) };
}

function readStoreName(node: YamlNode, place: string, fields: Fields, stores: NamedStores, problems: Problems) {
  const names = [...stores.keys()];
  const fix = `write the name of an entry of \`stores\`${names.length === 0 ? "" : `: ${namedAll(names)}`}`;
  const name = requiredText(fields, "store", { place, at: node.at, fix }, problems);
  if (name === undefined || stores.has(name)) return stores.get(name ?? "");
  const at = fields.get("store")?.value.at ?? node.at;
  noteAt(problems, "LK0003", `${place}.store`, at, `\`stores\` has no ${quoted(name)}`, fixForUnknown(name, names));
  return undefined;
}

/** All fields but our own are the store's: its schema says what a ref may have. */
function readSource(
  node: YamlNode,
  place: string,
  { store, settings }: NamedStore,
  problems: Problems,
): Source | undefined {
  const written = problems.attempt(place, () => plainFields(node, [...own, ...notYet.secret]));
  if (written === undefined) return undefined;
  const shape = readShape(store.ref, written, own);
  if ("value" in shape) return settings && { store: store.kind, settings: settings.value, ref: shape.value };
  for (const { path, message, fix } of shape.problems) {
    noteAt(problems, "LK0003", placeOf(place, path), positionOf(node, path), message, fix);
  }
  return undefined;
}

function readFiles(node: YamlNode, place: string, fields: Fields, problems: Problems): readonly FileSpec[] {
  const list = fields.get("files")?.value;
  const items = problems.attempt(`${place}.files`, () => (list === undefined ? [] : goList(list)), filesFix);
  if (items?.length === 0 && !fields.has("expand")) {
    noteAt(problems, "LK0003", `${place}.files`, list?.at ?? node.at, "files is missing or empty", filesFix);
  }
  return (items ?? []).flatMap((item, index) => {
    const file = readFile(item, `${place}.files[${index}]`, problems);
    return file === undefined ? [] : [file];
  });
}

const filesFix = "write a list: [{ path: ... }]";
