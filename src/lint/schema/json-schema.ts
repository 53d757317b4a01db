import * as z from "zod";
import {
  boundWords,
  expandWords,
  fileWords,
  findWords,
  kubernetesSecretWords,
  nativeParameters,
  secretValueWords,
  secretWords,
  templateWords,
} from "../../dialects/native-words.ts";
import { settingWords } from "../../dialects/setting-words.ts";
import type { DialectWords, Word } from "../../dialects/words.ts";
import { type Store, type Stores, storeKinds } from "../../stores/store.ts";

/** A JSON Schema of draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>;

const text = { type: "string" };

/** The schema of a word's value, with what it says. */
function wordSchema({ about, schema = text }: Word): JsonSchema {
  return { description: about, ...schema };
}

function properties(words: readonly Word[]): Readonly<Record<string, JsonSchema>> {
  const read = words.filter(({ ignored }) => ignored === undefined);
  return Object.fromEntries(read.map((word) => [word.name, wordSchema(word)]));
}

/** A text that holds YAML; editors that know `contentSchema` look into it. */
function yamlText(about: string, contentSchema: JsonSchema): JsonSchema {
  return { type: "string", description: about, contentMediaType: "application/yaml", contentSchema };
}

/** Returns the schema of a drop-in dialect's parameters. It refuses names that a mount would pass over unread. */
export function dropInSchema({ parameters, fields, inner }: DialectWords): JsonSchema {
  const entry = properties(fields);
  const nested = [...inner].map(([field, words]) => {
    const map = { type: "object", properties: properties(words), additionalProperties: false };
    return [field, { ...entry[field], ...(field === "jmesPath" ? { type: "array", items: map } : map) }];
  });
  const item = {
    type: "object",
    properties: { ...entry, ...Object.fromEntries(nested) },
    required: ["objectName"],
    additionalProperties: false,
  };
  const objects = parameters.find(({ name }) => name === "objects")?.about ?? "";
  return {
    type: "object",
    properties: { ...properties(parameters), objects: yamlText(objects, { type: "array", items: item }) },
    required: ["objects"],
    additionalProperties: false,
  };
}

/** Returns the schema of the native dialect's parameters, made from the stores' own schemas. */
export async function nativeSchema(stores: Stores): Promise<JsonSchema> {
  const loaded = await Promise.all(storeKinds.map((kind) => stores.load(kind)));
  const settings = loaded.filter(({ kind }) => kind !== "file").map(settingsOf);
  const profile = {
    type: "object",
    properties: { profile: { ...text, description: "Name of an operator's profile." }, ...properties(boundWords) },
    required: ["profile"],
    additionalProperties: false,
  };
  const about = new Map(nativeParameters.map((word) => [word.name, word.about]));
  const list = (items: JsonSchema) => ({ type: "array", items });
  return {
    type: "object",
    properties: {
      ...properties(nativeParameters),
      stores: yamlText(about.get("stores") ?? "", {
        type: "object",
        additionalProperties: { anyOf: [profile, ...settings] },
      }),
      secrets: yamlText(
        about.get("secrets") ?? "",
        list({ anyOf: distinct([...loaded.map(secretOf), ...loaded.map(searchOf)]) }),
      ),
      templates: yamlText(about.get("templates") ?? "", list(closed(templateWords, ["path", "content"]))),
      kubernetesSecrets: yamlText(about.get("kubernetesSecrets") ?? "", list(kubernetesSecretSchema())),
    },
    required: ["secrets"],
    additionalProperties: false,
  };
}

/** An entry of `kubernetesSecrets`: each value is a file or a template. */
function kubernetesSecretSchema(): JsonSchema {
  const { properties: own, ...rest } = closed(kubernetesSecretWords, ["name", "data"]);
  const value = { ...closed(secretValueWords, []), minProperties: 1, maxProperties: 1 };
  const { data } = own as Readonly<Record<"data", JsonSchema>>;
  const values = { ...data, type: "object", minProperties: 1, additionalProperties: value };
  return { ...rest, properties: { ...(own as object), data: values } };
}

function closed(words: readonly Word[], required: readonly string[]): JsonSchema {
  return { type: "object", properties: properties(words), required, additionalProperties: false };
}

/** The settings of one kind as a pod author writes them. */
function settingsOf(store: Store): JsonSchema {
  const { properties: own, required = [] } = converted(store.settings("pod"));
  const kind = { const: store.kind, description: "Kind of the store." };
  return {
    type: "object",
    properties: { ...(own as object), kind, ...properties(boundWords) },
    required: ["kind", ...(required as readonly string[])],
    additionalProperties: false,
  };
}

/** An entry of `secrets` with the ref of one kind of store. */
function secretOf(store: Store): JsonSchema {
  const { properties: ref, required = [] } = converted(store.ref);
  const { find, ...own } = secretProperties();
  const fallback = {
    type: "object",
    properties: { store: own.store, ...(ref as object) },
    required: ["store", "name"],
  };
  return {
    type: "object",
    properties: {
      ...(ref as object),
      ...own,
      fallback: { ...own.fallback, type: "array", items: fallback },
    },
    required: ["store", ...(required as readonly string[])],
    additionalProperties: false,
  };
}

/** An entry of `secrets` with a search in one kind of store. */
function searchOf(store: Store): JsonSchema {
  const { fallback, default: none, find, ...own } = secretProperties();
  const { properties: query, ...rest } = converted(store.search.query, findWords);
  const can = Object.entries(query as Readonly<Record<string, JsonSchema>>).filter(([, { not }]) => not === undefined);
  const dialects = properties(findWords.filter(({ name }) => name === "pattern" || name === "limit"));
  return {
    type: "object",
    properties: { ...own, find: { ...find, ...rest, properties: { ...Object.fromEntries(can), ...dialects } } },
    required: ["store", "find"],
    additionalProperties: false,
  };
}

/** The words of an entry of `secrets`. */
function secretProperties(): Readonly<Record<string, JsonSchema>> {
  const own = properties(secretWords);
  return {
    ...own,
    files: { ...own.files, type: "array", items: closed(fileWords, ["path"]) },
    expand: { ...own.expand, ...closed(expandWords, []) },
  };
}

/** Secrets of two kinds can look alike. */
function distinct(schemas: readonly JsonSchema[]): readonly JsonSchema[] {
  return [...new Map(schemas.map((schema) => [JSON.stringify(schema), schema])).values()];
}

/** A store's schema as JSON Schema; what is checked by code alone is left open. */
function converted(schema: z.ZodType, words: readonly Word[] = settingWords): JsonSchema {
  const { $schema, properties: own = {}, ...rest } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  const described = Object.entries(own).map(([name, property]) => {
    const word = words.find((each) => each.name === name);
    const told = word === undefined ? {} : { description: word.about };
    return [name, { ...told, ...withoutClasses(property as JsonSchema), ...word?.schema }];
  });
  return { ...rest, properties: Object.fromEntries(described) };
}

/** Whether a validator compiles patterns so that `\p` is a class is its own affair. */
function withoutClasses(schema: JsonSchema): JsonSchema {
  if (typeof schema.pattern !== "string") return schema;
  return { ...schema, pattern: schema.pattern.replaceAll("\\p{Cc}", "\\x00-\\x1f\\x7f-\\x9f") };
}
