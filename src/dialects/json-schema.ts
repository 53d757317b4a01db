import type { DialectWords, Word } from "./words.ts";

/** A JSON Schema of draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>;

const text = { type: "string" };

/** The schema of a word's value, with what it says. */
function wordSchema({ about, schema = text }: Word): JsonSchema {
  return { description: about, ...schema };
}

/** Returns the properties of an object that has these words. */
export function properties(words: readonly Word[]): Readonly<Record<string, JsonSchema>> {
  const read = words.filter(({ ignored }) => ignored === undefined);
  return Object.fromEntries(read.map((word) => [word.name, wordSchema(word)]));
}

/** Returns the schema of a text that holds YAML; editors that know `contentSchema` look into it. */
export function yamlText(about: string, contentSchema: JsonSchema): JsonSchema {
  return { type: "string", description: about, contentMediaType: "application/yaml", contentSchema };
}

/** Returns the schema of a drop-in dialect's parameters. It refuses names that a mount would pass over unread. */
export function dropInSchema({ parameters, list, wrapper, fields, required, inner }: DialectWords): JsonSchema {
  const entry = properties(fields);
  const nested = [...inner].map(([field, { words, isList }]) => {
    const map = { type: "object", properties: properties(words), additionalProperties: false };
    return [field, { ...entry[field], ...(isList ? { type: "array", items: map } : map) }];
  });
  const item = {
    type: "object",
    properties: { ...entry, ...Object.fromEntries(nested) },
    required,
    additionalProperties: false,
  };
  const wrapped = (name: string) => ({
    type: "object",
    properties: { [name]: { type: "array", items: yamlText(`An entry of ${name}.`, item) } },
    required: [name],
  });
  const about = parameters.find(({ name }) => name === list)?.about ?? "";
  return {
    type: "object",
    properties: {
      ...properties(parameters),
      [list]: yamlText(about, wrapper === undefined ? { type: "array", items: item } : wrapped(wrapper)),
    },
    required: [list],
    additionalProperties: false,
  };
}
