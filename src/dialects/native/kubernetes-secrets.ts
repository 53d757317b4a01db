import { FormatError } from "../../formats/format-error.ts";
import { goFields, goList, goText } from "../../formats/go-yaml.ts";
import type { YamlNode } from "../../formats/yaml-node.ts";
import { oneLineYaml } from "../../plan/one-line.ts";
import type { KubernetesSecret, KubernetesSecretType } from "../../plan/plan.ts";
import { named, type Problems, quoted } from "../../plan/problems.ts";
import type { DialectInput } from "../dialect.ts";
import { fixForUnknown } from "../read-shape.ts";
import {
  dataKeyProblem,
  immutableHashLength,
  labelValueProblem,
  metadataKeyProblem,
  secretNameProblem,
} from "./kubernetes-names.ts";
import { missingKeys, secretTypeOf } from "./kubernetes-secret-types.ts";
import { type Fields, requiredText, strictFields } from "./strict-fields.ts";
import type { TemplateReader, TemplateText } from "./template-reader.ts";

/** One key's value: a file of the volume, or a template. */
type ValueSpec = { readonly file: string } | { readonly template: TemplateText };

/** One entry of `kubernetesSecrets`. */
export interface KubernetesSecretSpec extends Omit<KubernetesSecret, "data"> {
  readonly data: ReadonlyMap<string, ValueSpec>;
}

/** The rest of the SecretProviderClass, which Kubernetes Secrets refer to. */
export interface SecretSurroundings {
  /** The paths of files that the volume is sure to have. */
  readonly paths: ReadonlySet<string>;
  /** Whether the names of keys in the store make more files. */
  readonly isOpen: boolean;
  readonly templates: TemplateReader;
}

const known = ["name", "type", "data", "labels", "annotations", "immutable"];
const form = "write a list: - { name: db, data: { password: { file: db/password } } }";
const dataForm = 'write data: { password: { file: db/password }, url: { template: "..." } }';

/** More than this in one SecretProviderClass is taken for a mistake. */
const mostSecrets = 256;

/** Reads the parameter `kubernetesSecrets`; notes every problem. */
export async function readKubernetesSecrets(
  { parameters, texts }: DialectInput,
  surroundings: SecretSurroundings,
  problems: Problems,
): Promise<readonly KubernetesSecretSpec[]> {
  const text = parameters.get("kubernetesSecrets") ?? "";
  const read = () => goList(oneLineYaml(texts.yaml(text), "kubernetesSecrets", ["template", "annotations"], problems));
  const items = problems.attempt("kubernetesSecrets", read, form) ?? [];
  if (items.length > mostSecrets) {
    problems.add(
      "LK0003",
      "kubernetesSecrets",
      `more than ${mostSecrets} Secrets`,
      "use several SecretProviderClasses",
    );
    return [];
  }
  await surroundings.templates.prepare(items);
  const names = new Map<string, string>();
  return items.flatMap((item, index) => {
    const place = `kubernetesSecrets[${index}]`;
    const secret = readSecret(item, place, surroundings, problems.at(item.at));
    if (secret === undefined) return [];
    const other = names.get(secret.name);
    if (other !== undefined) {
      const message = `${other} has the name ${quoted(secret.name)} already`;
      problems.at(item.at).at(item.at).addHere("LK0003", `${place}.name`, message, "choose another name");
    }
    names.set(secret.name, place);
    return [secret];
  });
}

function readSecret(
  node: YamlNode,
  place: string,
  surroundings: SecretSurroundings,
  problems: Problems,
): KubernetesSecretSpec | undefined {
  const before = problems.count;
  const fields = strictFields(node, place, known, problems);
  if (fields === undefined) return undefined;
  const immutable = readSwitch(fields, place, problems);
  const name = readName({ node, fields, place }, immutable, problems);
  const type = readType(fields, place, problems);
  const data = readData({ node, fields, place }, surroundings, problems);
  const labels = readMetadata(fields, "labels", place, problems);
  const annotations = readMetadata(fields, "annotations", place, problems);
  noteMissingKeys({ node, fields, place }, type, data, problems);
  if (name === undefined || type === undefined || problems.count > before) return undefined;
  return { name, subject: place, type, immutable, labels, annotations, data };
}

/** One entry of `kubernetesSecrets`. */
interface Entry {
  readonly node: YamlNode;
  readonly fields: Fields;
  readonly place: string;
}

function readName({ node, fields, place }: Entry, immutable: boolean, problems: Problems) {
  const fix = "write the name of the Secret, in the pod's namespace";
  const name = requiredText(fields, "name", { place, at: node.at, fix }, problems);
  const wrong = name === undefined ? undefined : secretNameProblem(name, immutable ? immutableHashLength + 1 : 0);
  if (name === undefined || wrong === undefined) return name;
  const at = fields.get("name")?.at ?? node.at;
  const message = `${quoted(name)} is not a name of a Secret: ${wrong}`;
  problems.at(at).addHere("LK0003", `${place}.name`, message, "choose another name, such as shop-db");
  return undefined;
}

function readType(fields: Fields, place: string, problems: Problems): KubernetesSecretType | undefined {
  const node = fields.get("type")?.value;
  return problems.attempt(`${place}.type`, () => (node === undefined ? "Opaque" : secretTypeOf(goText(node), node)));
}

function readSwitch(fields: Fields, place: string, problems: Problems): boolean {
  const node = fields.get("immutable")?.value;
  const read = () => {
    const text = node === undefined ? "false" : goText(node);
    if (text === "true" || text === "false") return text === "true";
    throw new FormatError(`${quoted(text)} is neither true nor false`, node?.at);
  };
  return problems.attempt(`${place}.immutable`, read) ?? false;
}

function readData(
  { node, fields, place }: Entry,
  surroundings: SecretSurroundings,
  problems: Problems,
): ReadonlyMap<string, ValueSpec> {
  const field = fields.get("data");
  const entries = problems.attempt(`${place}.data`, () => goFields(field?.value ?? node, "v3"), dataForm);
  if (field === undefined || entries?.size === 0) {
    problems.at(field?.at ?? node.at).addHere("LK0003", `${place}.data`, "data is missing or empty", dataForm);
    return new Map();
  }
  const data = new Map<string, ValueSpec>();
  for (const [key, { value, at }] of entries ?? []) {
    const inside = `${place}.data.${named(key)}`;
    const wrong = dataKeyProblem(key);
    if (wrong !== undefined)
      problems.at(at).addHere("LK0003", inside, `not a key of a Secret: ${wrong}`, "rename the key");
    const read = readValue(value, inside, surroundings, problems.at(at));
    if (read !== undefined) data.set(key, read);
  }
  return data;
}

function readValue(
  node: YamlNode,
  place: string,
  { paths, isOpen, templates }: SecretSurroundings,
  problems: Problems,
): ValueSpec | undefined {
  const fields = strictFields(node, place, ["file", "template"], problems);
  if (fields === undefined) return undefined;
  const template = fields.get("template");
  if (fields.has("file") === (template !== undefined)) {
    problems.at(node.at).addHere("LK0003", place, "file or template is needed, one of them", dataForm);
    return undefined;
  }
  if (template !== undefined) {
    const read = templates.read(template, `${place}.template`, problems);
    return read && { template: read };
  }
  const fix = "write the path of a file of this volume";
  const file = requiredText(fields, "file", { place, at: node.at, fix }, problems);
  if (file !== undefined && !isOpen && !paths.has(file)) {
    const at = fields.get("file")?.at ?? node.at;
    const message = `the volume has no file ${quoted(file)}`;
    problems
      .at(at)
      .addHere("LK0003", `${place}.file`, message, problems.hint(() => fixForUnknown(file, [...paths])) ?? fix);
  }
  return file === undefined ? undefined : { file };
}

function readMetadata(fields: Fields, name: "labels" | "annotations", place: string, problems: Problems) {
  const node = fields.get(name)?.value;
  const fix = `write ${name}: { key: value }`;
  const entries = problems.attempt(
    `${place}.${name}`,
    () => (node === undefined ? [] : [...goFields(node, "v3")]),
    fix,
  );
  const read = new Map<string, string>();
  for (const [key, field] of entries ?? []) {
    const inside = `${place}.${name}.${named(key)}`;
    const value = problems.attempt(inside, () => goText(field.value), "put it in quotes");
    const wrong = metadataProblem(name, key, value ?? "");
    if (wrong !== undefined) problems.at(field.at).addHere("LK0003", inside, wrong.message, wrong.fix);
    read.set(key, value ?? "");
  }
  return read;
}

function metadataProblem(kind: "labels" | "annotations", key: string, value: string) {
  const wrongKey = metadataKeyProblem(key);
  if (wrongKey !== undefined) return { message: `not a key of Kubernetes: ${wrongKey}`, fix: "rename it" };
  if (key === "app.kubernetes.io/managed-by" || key.startsWith("latchkey/")) {
    return { message: "Latchkey writes this itself", fix: "remove it" };
  }
  const wrongValue = kind === "labels" ? labelValueProblem(value) : undefined;
  return wrongValue === undefined
    ? undefined
    : { message: `not a value of a label: ${wrongValue}`, fix: "write another" };
}

function noteMissingKeys(
  { node, fields, place }: Entry,
  type: KubernetesSecretType | undefined,
  data: ReadonlyMap<string, ValueSpec>,
  problems: Problems,
): void {
  const missing = type === undefined || data.size === 0 ? undefined : missingKeys(type, (key) => data.has(key));
  if (missing === undefined) return;
  const { at } = fields.get("data") ?? node;
  problems
    .at(at)
    .addHere("LK0003", `${place}.data`, `a Secret of type ${type} needs ${missing}`, "add it, or choose another type");
}
