import type { JsonSchema } from "../../dialects/json-schema.ts";

/** A part of a dialect's parameters that has a table of its own. */
interface Section {
  readonly title: string;
  readonly schema: JsonSchema;
}

/** The page of parameters: one table for each thing that has fields, made of the very schemas that `latchkey schema` prints. */
export function parametersPage(schemas: readonly (readonly [dialect: string, schema: JsonSchema])[]): string {
  const parts = schemas.map(([name, schema]) => {
    const tables = [{ title: "Parameters", schema }, ...innerOf(schema)].map(tableOf);
    return `## \`provider: ${name}\`\n\n${tables.join("\n")}`;
  });
  return `${head}\n${parts.join("\n")}`;
}

const head = `# Parameters

Made by \`npm run generate\` from what \`latchkey schema\` prints; \`latchkey lint\` goes by the same words. A name in **bold** must be
there.
`;

function innerOf(schema: JsonSchema): readonly Section[] {
  return Object.entries(propertiesOf(schema)).flatMap(([name, property]) => {
    const content = property.contentSchema as JsonSchema | undefined;
    if (content === undefined) return [];
    const items = itemsOf(content);
    const what =
      content.type === "array" || content.properties !== undefined
        ? `An entry of \`${name}\``
        : `An entry of the map \`${name}\``;
    const all = variantsOf(items).filter((variant) => propertiesOf(variant).find === undefined);
    const tables = all.flatMap((variant) => {
      const title = `${what}${kindOf(variant, all)}`;
      return [{ title, schema: ownPart(variant, title, all) }, ...nestedOf(variant, name, title)];
    });
    return [...tables, ...searchesOf(items, what)];
  });
}

/** The entries of a list, of a map, or of the list in a map whose entries are texts. */
function itemsOf(content: JsonSchema): JsonSchema {
  const [list] = Object.values(propertiesOf(content));
  const text = list?.items as JsonSchema | undefined;
  return (text?.contentSchema ?? content.items ?? content.additionalProperties) as JsonSchema;
}

/** Entries that search: one table of the entry, and one of what the stores know of searches. */
function searchesOf(items: JsonSchema, what: string): readonly Section[] {
  const all = variantsOf(items).filter((variant) => propertiesOf(variant).find !== undefined);
  const [first] = all;
  if (first === undefined) return [];
  const words = all.map((variant) => propertiesOf(propertiesOf(variant).find ?? {}));
  const find = { properties: Object.assign({}, ...words) as Readonly<Record<string, JsonSchema>> };
  const { store, find: search } = propertiesOf(first);
  return [
    {
      title: `${what} with \`find\`, beside \`as\`, \`files\`, \`expand\`, \`optional\`, \`share\` and words of freshness`,
      schema: { properties: { store, find: search }, required: ["store", "find"] },
    },
    { title: "`find`; not every store knows each of them", schema: find },
  ];
}

/** Alternatives differ by their kind of store, or by what a ref may have. */
function variantsOf(schema: JsonSchema): readonly JsonSchema[] {
  return (schema.anyOf as readonly JsonSchema[] | undefined) ?? [schema];
}

function kindOf(variant: JsonSchema, all: readonly JsonSchema[]): string {
  if (all.length === 1) return "";
  const own = propertiesOf(variant);
  const kind = own.kind?.const;
  if (kind !== undefined) return ` with \`kind: ${kind}\``;
  if (own.profile !== undefined) return " with `profile`";
  const extra = Object.keys(own).filter((name) => !all.every((other) => Object.hasOwn(propertiesOf(other), name)));
  return extra.length === 0
    ? " of a store that knows names alone"
    : ` of a store that knows ${extra.map(code).join(", ")}`;
}

/** Tables of lists and maps inside an entry; those of the first alternative stand for all. */
function nestedOf(variant: JsonSchema, parameter: string, title: string): readonly Section[] {
  if (title.includes("of a store that knows") && !title.includes("alone")) return [];
  return Object.entries(propertiesOf(variant)).flatMap(([name, property]) => {
    const schema = (property.items ?? property) as JsonSchema;
    return schema.properties === undefined ? [] : [{ title: `\`${name}\` of an entry of \`${parameter}\``, schema }];
  });
}

/** Of alternatives that differ by a few fields those fields are enough. */
function ownPart(variant: JsonSchema, title: string, all: readonly JsonSchema[]): JsonSchema {
  if (!title.includes("of a store that knows `")) return variant;
  const isOwn = (name: string) => !all.every((other) => Object.hasOwn(propertiesOf(other), name));
  return { properties: Object.fromEntries(Object.entries(propertiesOf(variant)).filter(([name]) => isOwn(name))) };
}

function tableOf({ title, schema }: Section): string {
  const required = (schema.required as readonly string[] | undefined) ?? [];
  const rows = Object.entries(propertiesOf(schema)).map(([name, property]) => {
    const shown = required.includes(name) ? `**${code(name)}**` : code(name);
    return `| ${shown} | ${formOf(property)} | ${cell(String(property.description ?? ""))} |`;
  });
  return `### ${title}\n\n| name | form | what it says |\n| --- | --- | --- |\n${rows.join("\n")}\n`;
}

function formOf(property: JsonSchema): string {
  if (property.contentSchema !== undefined) return "YAML in a text";
  if (property.const !== undefined) return code(String(property.const));
  if (Array.isArray(property.enum))
    return property.enum
      .filter((each) => each !== "")
      .map((each) => code(String(each)))
      .join(", ");
  if (Array.isArray(property.anyOf)) return property.anyOf.map((each) => formOf(each as JsonSchema)).join(", or ");
  if (property.items !== undefined) return "list";
  const types = [property.type ?? "any"].flat().map(String);
  const names: Readonly<Record<string, string>> = {
    string: "text",
    object: "map",
    integer: "whole number",
    array: "list",
  };
  const form = types.map((type) => names[type] ?? type).join(" or ");
  return typeof property.pattern === "string" && property.pattern.length < shortPattern
    ? `${form} like ${code(property.pattern)}`
    : form;
}

/** Longer ones say nothing to people. */
const shortPattern = 24;

function propertiesOf(schema: JsonSchema): Readonly<Record<string, JsonSchema>> {
  return (schema.properties ?? {}) as Readonly<Record<string, JsonSchema>>;
}

function code(text: string): string {
  return `\`${cell(text)}\``;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
