import { goList, isGoNull } from "../../formats/go-yaml.ts";
import { readYaml } from "../../formats/read-yaml.ts";
import type { YamlNode } from "../../formats/yaml-node.ts";
import type { NextSources, Source, WantedBounds } from "../plan.ts";
import type { Problems } from "../problems.ts";
import { boundNames, overlayBounds, readBounds } from "./bounds.ts";
import { type FileSpec, readFile } from "./files.ts";
import { notYet } from "./not-yet.ts";
import { readFallback, readSource, readStoreName } from "./sources.ts";
import type { NamedStores } from "./stores.ts";
import { type Fields, noteAt, strictFields } from "./strict-fields.ts";

/** One entry of `secrets`. */
export interface SecretSpec {
  /** `secrets[2]`. */
  readonly place: string;
  /** `undefined` next to a noted problem. */
  readonly source: Source | undefined;
  readonly next: NextSources | undefined;
  readonly bounds: WantedBounds;
  readonly files: readonly FileSpec[];
}

const own = ["store", "files", "fallback", ...boundNames];

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
  const source = store && !fields.has("find") ? readSource(node, place, store, own, problems) : undefined;
  const next = readFallback(fields, place, stores, problems);
  const bounds = overlayBounds(readBounds(fields, place, problems), store?.bounds);
  return { place, source, next, bounds, files: readFiles(node, place, fields, problems) };
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
