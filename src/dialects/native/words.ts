import { storeDefinitions } from "../../stores/index.ts";
import type { StoreWords, Word } from "../../stores/words.ts";
import { whoReads } from "../who-reads.ts";
import { commonWords, type DialectWords, namesOf, type WordPlace } from "../words.ts";
import { secretTypeWords } from "./kubernetes-secret-types.ts";
import { verifyWords } from "./verify-words.ts";
import { duration, verifyHoldWord } from "./words-duration.ts";

const percent = { type: "string", pattern: "^[0-9]{1,3}(?:[.][0-9]{1,4})?%$" };
const octalMode = { type: ["string", "integer"], pattern: "^(?:0o)?[0-7]{1,4}$" };

/** Of an entry of `stores`, beside the settings of its kind, and of an entry of `secrets`. */
export const boundWords: readonly Word[] = [
  { name: "refresh", about: "How long a value is served without asking the store: 10m.", schema: duration },
  { name: "maxStale", about: "Oldest value that is served while the store cannot be reached: 6h.", schema: duration },
  {
    name: "spread",
    about: "Window over which pods take a new value, each at a time of its own: 30m.",
    schema: duration,
  },
  { name: "canary", about: "Share of pods that take a new value at once, before all others: 5%.", schema: percent },
  { name: "canaryHold", about: "How long all other pods wait behind the canary: 10m.", schema: duration },
  { name: "notBefore", about: "Values fetched before this time (RFC 3339) are fetched again." },
];

/** The fields that choose which part of a secret a file holds, and in which form. */
const selectWords: readonly Word[] = [
  { name: "key", about: "Path of a value in a JSON secret: db.password, users[0], '\"a.b\"'." },
  { name: "jmesPath", about: "JMESPath expression, instead of key." },
  { name: "yamlKey", about: "Key of a secret that is a YAML map, instead of key; its value is text." },
  {
    name: "decode",
    about: "Encoding from which the value is decoded.",
    schema: { enum: ["base64", "base64url", "hex"] },
  },
  {
    name: "format",
    about: "Format of the file.",
    schema: { enum: ["pem", "pkcs12", "jks", "dotenv", "json", "yaml", "properties"] },
  },
  {
    name: "part",
    about: "Part of a PEM bundle, with format: pem; key and certificates where it is left out.",
    schema: { enum: ["cert", "key", "chain"] },
  },
  { name: "alias", about: "Name of the entry, with format: pkcs12; latchkey where it is left out." },
  {
    name: "password",
    about:
      "Secret with the file's password, by its name in `as`: of the file that format: pkcs12 makes, or that format: pem opens.",
    schema: {
      type: "object",
      properties: { secret: { type: "string" }, key: { type: "string" } },
      required: ["secret"],
      additionalProperties: false,
    },
  },
  {
    name: "truststore",
    about: "Certificates alone, each trusted, with format: pkcs12.",
    schema: { type: ["boolean", "string"] },
  },
  {
    name: "for",
    about: "Reader of the file, with format: dotenv; without it the file must mean the same to all readers.",
    schema: { enum: ["bash", "node", "python"] },
  },
];

const modeWord: Word = { name: "mode", about: `Mode of the file, always octal. ${whoReads}`, schema: octalMode };

/** Of an entry of `files`. */
export const fileWords: readonly Word[] = [
  { name: "path", about: "Relative path of the file in the volume." },
  ...selectWords,
  modeWord,
  { name: "default", about: "Content of the file if the secret or its key does not exist." },
];

/** Of `expand`. */
export const expandWords: readonly Word[] = [
  { name: "path", about: "Prefix of the file names: tls/." },
  { name: "include", about: "Regular expression of the keys that become files." },
  { name: "exclude", about: "Regular expression of the keys that do not become files." },
  { name: "rename", about: "File names by key.", schema: { type: "object", additionalProperties: { type: "string" } } },
  { name: "separator", about: "Joins the keys of nested objects; without it a nested object becomes one JSON file." },
  ...selectWords,
  modeWord,
];

/** Of `find`, beside what stores know of a search. */
export const findWords: readonly Word[] = [
  { name: "pattern", about: "Regular expression that names must match." },
  {
    name: "limit",
    about: "Most secrets to find, 100 by default; more fail the mount.",
    schema: { type: ["integer", "string"], pattern: "^[1-9][0-9]{0,3}$", minimum: 1, maximum: 1_000 },
  },
];

/** Of an entry of `secrets`, beside the ref of its store. */
export const secretWords: readonly Word[] = [
  { name: "store", about: "Name of an entry of stores." },
  { name: "find", about: "Search for secrets, instead of a name." },
  { name: "as", about: "Name of the secret in templates." },
  { name: "files", about: "Files made from it." },
  { name: "expand", about: "A file for each key of it." },
  { name: "fallback", about: "Where to read it when the first store cannot be asked and no stale value is left." },
  { name: "optional", about: "Mount without it if it does not exist.", schema: { type: "boolean" } },
  { name: "default", about: "Content of its files if it does not exist." },
  { name: "together", about: "Name: secrets that have the same one change at once in a volume." },
  {
    name: "share",
    about: "Which pods may share the answer.",
    schema: { enum: ["serviceAccount", "pod"] },
  },
  { name: "verify", about: "Target that has to let a new value in before pods get it, if the operator allows it." },
  verifyHoldWord,
  ...boundWords,
];

/** Of an entry of `templates`. */
export const templateWords: readonly Word[] = [
  { name: "path", about: "Relative path of the file in the volume." },
  { name: "content", about: "Liquid template; it knows secrets by the names that as gives them." },
  modeWord,
];

/** Of a value of `data` in an entry of `kubernetesSecrets`; one of them. */
export const secretValueWords: readonly Word[] = [
  { name: "file", about: "Path of a file of the volume." },
  { name: "template", about: "Liquid template, as in templates." },
];

const texts = { type: "object", additionalProperties: { type: "string" } };

/** Of an entry of `kubernetesSecrets`. */
export const kubernetesSecretWords: readonly Word[] = [
  { name: "name", about: "Name of the Secret, in the pod's namespace." },
  {
    name: "type",
    about: "Its type, Opaque by default; the full names of Kubernetes work too.",
    schema: { enum: [...secretTypeWords, ...secretTypeWords.slice(1).map((word) => `kubernetes.io/${word}`)] },
  },
  { name: "data", about: "Content of each key: { file: PATH } or { template: TEXT }." },
  { name: "labels", about: "Labels, with the prefixes that the operator allows.", schema: texts },
  { name: "annotations", about: "Annotations, with the prefixes that the operator allows.", schema: texts },
  {
    name: "immutable",
    about: "Make a new Secret for each content, with a hash at the end of its name.",
    schema: { type: "boolean" },
  },
];

/** The parameters. */
export const nativeParameters: readonly Word[] = [
  { name: "stores", about: "YAML map from a name of your choice to a store's settings, or to an operator's profile." },
  { name: "secrets", about: "YAML list of secrets and the files made from them." },
  { name: "templates", about: "YAML list of files made from several secrets." },
  {
    name: "kubernetesSecrets",
    about: "YAML list of Kubernetes Secrets to write as well, if the operator allows it.",
  },
  ...commonWords,
];

/** The field of every entry of `stores`. */
export const kindWord: Word = { name: "kind", about: "Kind of the store." };

/** The fields of stores' settings, refs and searches, each name once. */
function ofStores(part: keyof StoreWords): readonly string[] {
  return [...new Set(storeDefinitions.flatMap(({ words }) => namesOf(words[part])))];
}

function fieldsOf(kind: string, words: readonly string[], where = `in an entry of ${kind}`): WordPlace {
  return { kind, where, words };
}

/** The words of the native dialect. */
export const nativeWords: DialectWords = {
  parameters: nativeParameters,
  ...{ list: "secrets", fields: secretWords, required: [], inner: new Map(), anyCase: false, prefixes: [] },
  places: [
    { kind: "parameter", where: "as a parameter", words: namesOf(nativeParameters) },
    fieldsOf("stores", ["profile", kindWord.name, ...ofStores("settings")]),
    fieldsOf("secrets", [...namesOf(secretWords), ...ofStores("refs")]),
    fieldsOf("files", namesOf(fileWords)),
    fieldsOf("expand", namesOf(expandWords), "in expand"),
    fieldsOf("find", [...ofStores("find"), ...namesOf(findWords)], "in find"),
    fieldsOf("verify", namesOf(verifyWords), "in verify"),
    fieldsOf("templates", namesOf(templateWords)),
    fieldsOf("kubernetesSecrets", namesOf(kubernetesSecretWords)),
    fieldsOf("data", namesOf(secretValueWords), "in data, in an entry of kubernetesSecrets"),
  ],
};
