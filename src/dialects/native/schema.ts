import * as z from "zod";
import type { StoreDefinition } from "../../stores/definition.ts";
import { storeDefinitions } from "../../stores/index.ts";
import type { Store, Stores } from "../../stores/store.ts";
import type { Word } from "../../stores/words.ts";
import { type JsonSchema, properties, yamlText } from "../json-schema.ts";
import { verifyWords } from "./verify-words.ts";
import {
  boundWords,
  expandWords,
  fileWords,
  findWords,
  kindWord,
  kubernetesSecretWords,
  nativeParameters,
  secretValueWords,
  secretWords,
  templateWords,
} from "./words.ts";

const text = { type: "string" };

/** A kind of store, loaded for its schemas. */
interface Known {
  readonly definition: StoreDefinition;
  readonly store: Store;
}

/** Returns the schema of the native dialect's parameters, made from the stores' own schemas. */
export async function nativeSchema(stores: Stores): Promise<JsonSchema> {
  const loaded = await Promise.all(
    storeDefinitions.map(
      async (definition): Promise<Known> => ({ definition, store: await stores.load(definition.kind) }),
    ),
  );
  const settings = loaded.filter(({ definition }) => definition.isOperatorsOnly !== true).map(settingsOf);
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
function settingsOf({ definition, store }: Known): JsonSchema {
  const { properties: own, required = [] } = converted(store.settings("pod"), definition.words.settings);
  const kind = { const: definition.kind, description: kindWord.about };
  return {
    type: "object",
    properties: { ...(own as object), kind, ...properties(boundWords) },
    required: ["kind", ...(required as readonly string[])],
    additionalProperties: false,
  };
}

/** An entry of `secrets` with the ref of one kind of store. */
function secretOf({ definition, store }: Known): JsonSchema {
  const { properties: ref, required = [] } = converted(store.ref, definition.words.refs);
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
function searchOf({ definition, store }: Known): JsonSchema {
  const { fallback, default: none, find, verify, verifyHold, ...own } = secretProperties();
  const { properties: query, ...rest } = converted(store.search.query, definition.words.find);
  const can = Object.entries(query as Readonly<Record<string, JsonSchema>>).filter(([, { not }]) => not === undefined);
  const dialects = properties(findWords);
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
    verify: { ...own.verify, ...closed(verifyWords, ["kind"]) },
  };
}

/** Secrets of two kinds can look alike. */
function distinct(schemas: readonly JsonSchema[]): readonly JsonSchema[] {
  return [...new Map(schemas.map((schema) => [JSON.stringify(schema), schema])).values()];
}

/** A store's schema as JSON Schema; what is checked by code alone is left open. */
function converted(schema: z.ZodType, words: readonly Word[]): JsonSchema {
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
