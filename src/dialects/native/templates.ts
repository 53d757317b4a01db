import { inTurns } from "../../async/turns.ts";
import type { ParameterPlace } from "../../errors.ts";
import { goList } from "../../formats/go-yaml.ts";
import type { YamlNode } from "../../formats/yaml-node.ts";
import { oneLineYaml } from "../../plan/one-line.ts";
import type { Problems } from "../../plan/problems.ts";
import type { DialectInput } from "../dialect.ts";
import { readMode } from "./mode.ts";
import { requiredText, strictFields } from "./strict-fields.ts";
import type { TemplateReader } from "./template-reader.ts";

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
  { parameters, texts }: DialectInput,
  reader: TemplateReader,
  problems: Problems,
): Promise<readonly TemplateSpec[]> {
  const text = parameters.get("templates") ?? "";
  const parse = () => goList(oneLineYaml(texts.yaml(text), "templates", ["content"], problems));
  const items = problems.attempt("templates", parse, form) ?? [];
  await reader.prepare(items);
  const read = await inTurns(items, (item, index) =>
    readTemplate(item, `templates[${index}]`, reader, problems.at(item.at)),
  );
  return read.filter((template) => template !== undefined);
}

function readTemplate(
  node: YamlNode,
  place: string,
  reader: TemplateReader,
  problems: Problems,
): TemplateSpec | undefined {
  const before = problems.count;
  const fields = strictFields(node, place, known, problems);
  if (fields === undefined) return undefined;
  const path = requiredText(fields, "path", { place, at: node.at, fix: "write the file's relative path" }, problems);
  const mode = readMode(fields, place, problems);
  const content = fields.get("content");
  if (content === undefined) problems.at(node.at).addHere("LK0003", place, "content is missing", form);
  const read = reader.read(content, `${place}.content`, problems);
  if (path === undefined || read === undefined || problems.count > before) return undefined;
  const { line, column } = fields.get("path")?.value.at ?? node.at;
  return { place, at: { parameter: "templates", line, column }, path, mode, ...read };
}
