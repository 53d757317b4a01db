import { parse } from "yaml";
import { options } from "../../src/node/options.ts";
import { type Example, exampleFiles, listDocuments, parseObjects, readDocument, readFiles } from "./documents.ts";

/** A fenced block of a Markdown file. */
export interface Block {
  /** File and line. */
  readonly place: string;
  /** The text behind the fence; empty if there is none. */
  readonly language: string;
  readonly text: string;
}

/**
 * The kind of a YAML block: a SecretProviderClass, parameters of any of them, the file that `--config` names, values of
 * the chart, or other objects of the Kubernetes API.
 */
type BlockKind = "class" | "parameters" | "config" | "values" | "manifest";

/** Every Markdown file that is written for users and contributors. */
export async function pages(): Promise<readonly string[]> {
  const roots = ["README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md"];
  const below = await Promise.all(["docs", "bench", "deploy"].map((folder) => listDocuments(folder, ".md")));
  return [...roots, ...below.flat()];
}

/** The fenced blocks of a page, in order, also those inside lists. */
export async function fencedBlocks(path: string): Promise<readonly Block[]> {
  const text = await readDocument(path);
  return [...text.matchAll(/^( *)(`{3,}|~{3,})(.*)\n([\s\S]*?)^ *\2 *$/gm)].map(
    ([, indent = "", , language = "", body = ""], index, all) => ({
      place: `${path}:${text.slice(0, all[index]?.index).split("\n").length}`,
      language: language.trim(),
      text: body.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
    }),
  );
}

/** Of which kind a block of YAML is; undefined for one that no test would know what to do with. */
export function kindOf(text: string): BlockKind | undefined {
  const objects = parseObjects(text);
  const [object = {}, ...more] = objects;
  if (more.length === 0 && object.kind === "SecretProviderClass") return "class";
  if (objects.every(({ apiVersion, kind }) => isText(apiVersion) && isText(kind) && kind !== "SecretProviderClass")) {
    return "manifest";
  }
  const keys = Object.keys(object);
  if (more.length > 0 || keys.length === 0) return undefined;
  if (keys.join() === "parameters") return "parameters";
  if (Object.entries(object).every(([key, value]) => key === "profiles" || isSetting(key, value))) return "config";
  return keys.every((key) => chartValues.has(key)) ? "values" : undefined;
}

/** A setting of the config file is never a map, as values of the chart with the same name are (`audit`, `sync`). */
function isSetting(key: string, value: unknown): boolean {
  return Object.hasOwn(options, key) && (Array.isArray(value) || typeof value !== "object");
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}

const chartValues = new Set(Object.keys(parse(await readDocument("deploy/chart/values.yaml"))));

/** The YAML blocks of all pages. */
export async function yamlBlocks(): Promise<readonly Block[]> {
  const blocks = await Promise.all((await pages()).map(fencedBlocks));
  return blocks.flat().filter(({ language }) => language === "yaml");
}

/**
 * Every SecretProviderClass of the documentation and of `deploy/examples`. Parameters that a page shows alone stand in
 * each class of docs/tour.md in turn.
 */
export async function documentedClasses(): Promise<readonly Example[]> {
  const classes = (await Promise.all((await pages()).map(classesOf))).flat();
  const complete = classes.filter(({ place }) => place.startsWith("docs/tour.md"));
  const fragments = (await yamlBlocks()).filter(({ text }) => kindOf(text) === "parameters");
  const filledIn = fragments.flatMap((block) => complete.map((example) => withParameters(example, block)));
  return [...(await exampleFiles()), ...classes, ...filledIn];
}

/** The SecretProviderClasses of a page; the `text` block behind each says what the pod sees. */
async function classesOf(path: string): Promise<readonly Example[]> {
  const blocks = await fencedBlocks(path);
  return blocks.flatMap(({ language, text, place }, index) => {
    if (language !== "yaml" || kindOf(text) !== "class") return [];
    const next = blocks[index + 1];
    return [{ place, yaml: text, promised: next?.language === "text" ? readFiles(next.text) : [] }];
  });
}

function withParameters(example: Example, { text, place }: Block): Example {
  const parameters = text.replace(/^parameters:\n/, "").replace(/^/gm, "  ");
  const yaml = example.yaml.replace("\n  parameters:\n", (start) => `${start}${parameters.trimEnd()}\n`);
  return { place: `${place} in ${example.place}`, yaml, promised: example.promised };
}
