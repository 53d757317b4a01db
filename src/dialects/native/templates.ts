import type { ParameterPlace } from "../../errors.ts";
import { FormatError } from "../../formats/format-error.ts";
import { goList, goText } from "../../formats/go-yaml.ts";
import type { LiquidEngine } from "../../formats/liquid/engine.ts";
import { readYaml } from "../../formats/read-yaml.ts";
import type { YamlNode } from "../../formats/yaml-node.ts";
import { namedAll, type Problems, quoted } from "../problems.ts";
import { fixForUnknown } from "../read-shape.ts";
import { readMode } from "./mode.ts";
import { noteAt, requiredText, strictFields } from "./strict-fields.ts";

/** One entry of `templates`. */
export interface TemplateSpec {
  /** `templates[0]`. */
  readonly place: string;
  /** Where `path` stands. */
  readonly at: ParameterPlace;
  readonly path: string;
  readonly mode: number | undefined;
  readonly text: string;
  /** The names that it looks up. */
  readonly names: readonly string[];
}

const known = ["path", "mode", "content"];
const form = 'write a list: - { path: app.env, content: "PASSWORD={{ db.password }}" }';

/** Reads the parameter `templates`; `names` are those that secrets have by `as`. Notes every problem. */
export async function readTemplates(
  text: string,
  names: readonly string[],
  problems: Problems,
): Promise<readonly TemplateSpec[]> {
  const items = problems.attempt("templates", () => goList(readYaml(text)), form) ?? [];
  if (items.length === 0) return [];
  const { LiquidEngine: Engine } = await import("../../formats/liquid/engine.ts");
  const engine = new Engine();
  return items.flatMap((item, index) => {
    const template = readTemplate(item, `templates[${index}]`, { engine, names }, problems.at(item.at));
    return template === undefined ? [] : [template];
  });
}

interface Surroundings {
  readonly engine: LiquidEngine;
  readonly names: readonly string[];
}

function readTemplate(
  node: YamlNode,
  place: string,
  { engine, names }: Surroundings,
  problems: Problems,
): TemplateSpec | undefined {
  const before = problems.count;
  const fields = strictFields(node, place, { known, notYet: [] }, problems);
  if (fields === undefined) return undefined;
  const path = requiredText(fields, "path", { place, at: node.at, fix: "write the file's relative path" }, problems);
  const mode = readMode(fields, place, problems);
  const content = fields.get("content");
  if (content === undefined) noteAt(problems, "LK0003", place, node.at, "content is missing", form);
  const text = problems.attempt(`${place}.content`, () => goText(content?.value)) ?? "";
  const inContent = problems.at(content?.value.at);
  const parsed = inContent.attempt(`${place}.content`, () => parse(engine, text), "correct the template");
  for (const name of parsed?.names ?? []) {
    if (names.includes(name)) continue;
    const known = names.length === 0 ? "" : `; there are ${namedAll(names)}`;
    const fix = fixForUnknown(name, names) ?? "give a secret this name: as: ...";
    noteAt(
      problems,
      "LK0003",
      `${place}.content`,
      content?.at ?? node.at,
      `no secret has the name ${quoted(name)}${known}`,
      fix,
    );
  }
  if (path === undefined || problems.count > before) return undefined;
  const { line, column } = fields.get("path")?.value.at ?? node.at;
  return { place, at: { parameter: "templates", line, column }, path, mode, text, names: parsed?.names ?? [] };
}

/** Its error tells a line of the template, which is no line of the parameter. */
function parse(engine: LiquidEngine, text: string) {
  try {
    return engine.parse(text);
  } catch (error) {
    throw error instanceof FormatError ? new FormatError(error.message) : error;
  }
}
