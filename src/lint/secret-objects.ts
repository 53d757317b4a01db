import { dataKeyProblem, secretNameProblem } from "../dialects/native/kubernetes-names.ts";
import { missingKeys } from "../dialects/native/kubernetes-secret-types.ts";
import type { YamlNode } from "../formats/yaml-node.ts";
import { nearest } from "../nearest.ts";
import type { Plan } from "../plan/plan.ts";
import { quoted } from "../plan/problems.ts";
import { type Fields, fieldsOf, itemsOf, textNode } from "./kubernetes-objects.ts";
import { badSecretObject, readText, type SecretObjectProblem, type Text } from "./secret-object-fields.ts";
import { metadataProblems, serviceAccountProblem, typeProblem } from "./secret-object-types.ts";
import { unreadFields } from "./unread-fields.ts";

/** The files that a plan is sure to make, or undefined where the store has a say in their names. */
export function filesOf(plan: Plan | undefined): readonly string[] | undefined {
  if (plan === undefined || (plan.expansions ?? []).length > 0) return undefined;
  return [...plan.outputs, ...(plan.templates ?? [])].map(({ path }) => path);
}

/** A Kubernetes Secret that the driver makes of mounted files. */
export interface MadeSecret {
  readonly name: string;
  readonly keys: ReadonlySet<string>;
}

/**
 * Finds everything that the driver would refuse when it makes Kubernetes Secrets of the mounted files, and that the API
 * server would refuse of the result (https://secrets-store-csi-driver.sigs.k8s.io/topics/sync-as-kubernetes-secret).
 * The driver trims names, types and keys.
 */
export function secretObjectProblems(
  node: YamlNode | undefined,
  plan: Plan | undefined,
): readonly SecretObjectProblem[] {
  if (node === undefined || textNode(node) === "") return [];
  if (node.kind !== "list") {
    const fix = "write a list: - { secretName: ..., type: Opaque, data: [...] }";
    return [badSecretObject(node.at, "secretObjects", "secretObjects is not a list", fix)];
  }
  const files = filesOf(plan);
  const names = new Set<string>();
  return node.items.flatMap((item, index) => {
    const place = `secretObjects[${index}]`;
    const { name, problems } = secretProblems(item, place, files);
    if (name.text === "" || names.size !== names.add(name.text).size) return problems;
    const message = `${quoted(name.text)} appears twice: one overwrites the other`;
    return [...problems, badSecretObject(name.at, `${place}.secretName`, message, "rename one of them")];
  });
}

/** The Secrets that the driver makes of `secretObjects`. */
export function secretsMadeBy(node: YamlNode | undefined): readonly MadeSecret[] {
  return itemsOf(node).flatMap((item) => {
    const fields = fieldsOf(item);
    const name = readText(fields, item, "", "secretName").text;
    const entries = itemsOf(fields.get("data")?.value);
    const keys = entries.map((entry) => readText(fieldsOf(entry), entry, "", "key").text);
    return name === "" ? [] : [{ name, keys: new Set(keys) }];
  });
}

function secretProblems(item: YamlNode, place: string, files: readonly string[] | undefined) {
  const fields = fieldsOf(item);
  const name = readText(fields, item, place, "secretName");
  const type = readText(fields, item, place, "type");
  const problems = [
    ...unreadWords(fields, place, ["secretName", "type", "labels", "annotations", "data"]),
    ...name.problems,
    ...nameProblem(name, place),
    ...type.problems,
    ...typeProblem(type, place),
    ...serviceAccountProblem(type, fields, place),
    ...metadataProblems(fields, "labels", place),
    ...metadataProblems(fields, "annotations", place),
    ...dataProblems({ item, fields, type, place }, files),
  ];
  return { name, problems };
}

function nameProblem({ text, at }: Text, place: string): readonly SecretObjectProblem[] {
  const wrong = text === "" ? undefined : secretNameProblem(text);
  if (wrong === undefined) return [];
  const message = `${quoted(text)} is not a name of a Secret: ${wrong}`;
  return [badSecretObject(at, `${place}.secretName`, message, "choose another name, such as shop-db")];
}

/** One entry of `secretObjects`. */
interface SecretObject {
  readonly item: YamlNode;
  readonly fields: Fields;
  readonly type: Text;
  readonly place: string;
}

function dataProblems(
  { item, fields, type, place }: SecretObject,
  files: readonly string[] | undefined,
): readonly SecretObjectProblem[] {
  const entries = itemsOf(fields.get("data")?.value);
  if (entries.length === 0) {
    return [
      badSecretObject(
        item.at,
        `${place}.data`,
        "data is missing or empty",
        "write data: [{ objectName: ..., key: ... }]",
      ),
    ];
  }
  const keys = new Set<string>();
  const problems = entries.flatMap((entry, index) => {
    const where = `${place}.data[${index}]`;
    const own = fieldsOf(entry);
    const key = readText(own, entry, where, "key");
    return [
      ...unreadWords(own, where, ["objectName", "key"]),
      ...fileProblems(readText(own, entry, where, "objectName"), where, files),
      ...keyProblems(key, type, where),
      ...(key.text !== "" && keys.size === keys.add(key.text).size ? [twice(key, where)] : []),
    ];
  });
  const missing = missingKeys(type.text, (key) => keys.has(key));
  // A key that is wrong is probably the one that is missing.
  if (missing === undefined || problems.some(({ subject }) => subject.endsWith(".key"))) return problems;
  const message = `a Secret of type ${type.text} needs ${missing}`;
  const at = fields.get("data")?.at ?? item.at;
  return [...problems, badSecretObject(at, `${place}.data`, message, "add it, or choose another type")];
}

function twice({ text, at }: Text, where: string): SecretObjectProblem {
  return badSecretObject(
    at,
    `${where}.key`,
    `${quoted(text)} appears twice: one overwrites the other`,
    "rename one of them",
  );
}

function keyProblems({ text, at, problems }: Text, type: Text, where: string): readonly SecretObjectProblem[] {
  if (text === "") return problems;
  const wrong = dataKeyProblem(text);
  if (wrong !== undefined) {
    return [
      badSecretObject(at, `${where}.key`, `${quoted(text)} is not a key of a Secret: ${wrong}`, "rename the key"),
    ];
  }
  // The driver takes certificates and keys out of the files of this type, and knows what to take by these names alone.
  const isRefused = type.text === "kubernetes.io/tls" && text !== "tls.crt" && text !== "tls.key";
  if (!isRefused) return problems;
  const message = `the driver does not make a key ${quoted(text)} in a Secret of type ${type.text}`;
  return [badSecretObject(at, `${where}.key`, message, "write tls.crt or tls.key, or choose another type")];
}

function fileProblems(
  { text, at, problems }: Text,
  where: string,
  files: readonly string[] | undefined,
): readonly SecretObjectProblem[] {
  if (text === "" || files === undefined || files.includes(text)) return problems;
  const close = nearest(text, files);
  const fix = close === undefined ? "name the path of a file of this volume" : `did you mean ${quoted(close)}?`;
  const message = `the volume has no file ${quoted(text)}, so no Secret is made`;
  return [{ rule: "no-such-file", at, subject: `${where}.objectName`, message, fix }];
}

function unreadWords(fields: Fields, place: string, known: readonly string[]): readonly SecretObjectProblem[] {
  return unreadFields(fields, `${place}.`, known).map((field) => ({ rule: "unknown-word", ...field }));
}
