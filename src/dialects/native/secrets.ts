import { inTurns } from "../../async/turns.ts";
import { FormatError } from "../../formats/format-error.ts";
import { goList, goText, isGoNull } from "../../formats/go-yaml.ts";
import type { YamlNode } from "../../formats/yaml-node.ts";
import { oneLineYaml } from "../../plan/one-line.ts";
import type { Find, NextSources, Source } from "../../plan/plan.ts";
import { type Problems, quoted } from "../../plan/problems.ts";
import type { Verify } from "../../plan/verify.ts";
import type { WantedBounds } from "../../plan/wanted-bounds.ts";
import type { DialectInput } from "../dialect.ts";
import { boundNames, overlayBounds, readBounds } from "./bounds.ts";
import { type ExpandSpec, readExpand } from "./expand.ts";
import { type FileSpec, readFile } from "./files.ts";
import { readFind } from "./find.ts";
import { readFallback, readSource, readStoreName } from "./sources.ts";
import type { NamedStores } from "./stores.ts";
import { type Fields, strictFields } from "./strict-fields.ts";
import { readVerify, verifyNames } from "./verify.ts";

/** One entry of `secrets`. */
export interface SecretSpec {
  /** `secrets[2]`. */
  readonly place: string;
  /** `undefined` next to a noted problem. */
  readonly source: Source | undefined;
  readonly next: NextSources | undefined;
  /** The source is a search. */
  readonly find: Find | undefined;
  readonly bounds: WantedBounds;
  /** Secrets of one name here change at once. */
  readonly together: string | undefined;
  readonly verify: Verify | undefined;
  readonly files: readonly FileSpec[];
  readonly expand: ExpandSpec | undefined;
  /** Its name in templates. */
  readonly name: string | undefined;
  /** The mount goes on where it does not exist. */
  readonly optional: boolean;
}

const words = ["store", "find", "as", "files", "expand", "fallback", "optional", "default", "share", "together"];
const own = [...words, ...boundNames, ...verifyNames];

/** Reads the parameter `secrets`; notes every problem and leaves out what is wrong. An empty list is legal. */
export async function readSecrets(
  { parameters, texts }: DialectInput,
  stores: NamedStores,
  problems: Problems,
): Promise<readonly SecretSpec[]> {
  const text = parameters.get("secrets") ?? "";
  const form = "write a list: - { store: ..., name: ..., files: [{ path: ... }] }, or [] for none";
  const oneLine = ["args", "ciphertext", "default", "encryptedData", "jmesPath"];
  const parse = () => oneLineYaml(texts.yaml(text), "secrets", oneLine, problems);
  const node = problems.attempt("secrets", parse, form);
  if (node === undefined) return [];
  if (isGoNull(node)) problems.add("LK0003", "secrets", "the parameter is missing or empty", form);
  const items = problems.attempt("secrets", () => goList(node), form) ?? [];
  const read = await inTurns(items, (item, index) =>
    readSecret(item, `secrets[${index}]`, stores, problems.at(item.at)),
  );
  const secrets = read.filter((secret) => secret !== undefined);
  noteRepeatedNames(secrets, problems);
  return secrets;
}

async function readSecret(
  node: YamlNode,
  place: string,
  stores: NamedStores,
  problems: Problems,
): Promise<SecretSpec | undefined> {
  const fields = strictFields(node, place, "any", problems);
  if (fields === undefined) return undefined;
  const store = readStoreName({ node, place, fields }, stores, problems);
  const find = fields.get("find")?.value;
  const read =
    store &&
    (find === undefined
      ? { source: readSource({ node, place }, store, own, problems), find }
      : readFind(find, { place, fields, words: own }, store, problems));
  const share = readShare(fields, place, problems);
  const source = read?.source && (share === undefined ? read.source : { ...read.source, share });
  const next = readFallback(fields, place, stores, problems);
  const bounds = overlayBounds(readBounds(fields, place, problems), store?.bounds);
  const { optional, fallbackText } = readMissing(fields, place, problems);
  const files = await readFiles(node, place, fields, problems);
  const expand = fields.get("expand")?.value;
  return {
    ...{ place, source, next, find: read?.find, bounds, verify: readVerify({ place, fields }, problems) },
    files: files.map((file) => ({ ...file, fallbackText: file.fallbackText ?? fallbackText })),
    expand: expand && readExpand(expand, `${place}.expand`, problems),
    name: readName(fields, place, "as", problems),
    together: readName(fields, place, "together", problems),
    optional: optional || files.some((file) => file.fallbackText !== undefined),
  };
}

/** Reads what happens if the secret does not exist; a default makes it optional. */
function readMissing(fields: Fields, place: string, problems: Problems) {
  const read = <T>(name: string, parse: (node: YamlNode) => T) => {
    const node = fields.get(name)?.value;
    return problems.attempt(`${place}.${name}`, () => (node === undefined ? undefined : parse(node)));
  };
  const fallbackText = read("default", goText);
  return { optional: (read("optional", readSwitch) ?? false) || fallbackText !== undefined, fallbackText };
}

/** `pod` narrows; wider than the store allows it cannot be. */
function readShare(fields: Fields, place: string, problems: Problems): "pod" | undefined {
  const node = fields.get("share")?.value;
  return problems.attempt(`${place}.share`, () => {
    const text = node === undefined ? "serviceAccount" : goText(node);
    if (text === "pod") return "pod";
    if (text === "serviceAccount") return undefined;
    throw new FormatError(`${quoted(text)} is neither pod nor serviceAccount`, node?.at);
  });
}

function readSwitch(node: YamlNode): boolean {
  const text = goText(node);
  if (text === "true" || text === "false") return text === "true";
  throw new FormatError(`${quoted(text)} is neither true nor false`, node.at);
}

function readName(fields: Fields, place: string, field: "as" | "together", problems: Problems): string | undefined {
  const node = fields.get(field)?.value;
  return problems.attempt(`${place}.${field}`, () => {
    if (node === undefined) return undefined;
    const name = goText(node);
    if (/^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(name)) return name;
    throw new FormatError(`${quoted(name)} is not a name: write letters, digits and _`, node.at);
  });
}

/** Notes names that more than one secret has. */
function noteRepeatedNames(secrets: readonly SecretSpec[], problems: Problems): void {
  const places = new Map<string, string>();
  for (const { name, place } of secrets) {
    const other = name === undefined ? undefined : places.get(name);
    if (name !== undefined && other !== undefined) {
      problems.add("LK0003", `${place}.as`, `${other} has the name ${quoted(name)} already`, "choose another name");
    }
    if (name !== undefined) places.set(name, place);
  }
}

async function readFiles(
  node: YamlNode,
  place: string,
  fields: Fields,
  problems: Problems,
): Promise<readonly FileSpec[]> {
  const list = fields.get("files")?.value;
  const items = problems.attempt(`${place}.files`, () => (list === undefined ? [] : goList(list)), filesFix);
  if (items?.length === 0 && !fields.has("expand") && !fields.has("as")) {
    problems.at(list?.at ?? node.at).addHere("LK0003", `${place}.files`, "files is missing or empty", filesFix);
  }
  const read = await inTurns(items ?? [], (item, index) =>
    readFile(item, `${place}.files[${index}]`, problems.at(item.at)),
  );
  return read.filter((file) => file !== undefined);
}

const filesFix = "write a list: [{ path: ... }]";
