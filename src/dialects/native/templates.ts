import type { ParameterPlace } from "../../errors.ts";
import { goList } from "../../formats/go-yaml.ts";
import type { YamlNode } from "../../formats/yaml-node.ts";
import { oneLineYaml } from "../../plan/one-line.ts";
import type { Problems } from "../../plan/problems.ts";
import { readParameterYaml } from "../parameter-yaml.ts";
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
export function readTemplates(text: string, reader: TemplateReader, problems: Problems): readonly TemplateSpec[] {
  const read = () => goList(oneLineYaml(readParameterYaml(text), "templates", ["content"], problems));
  const items = problems.attempt("templates", read, form) ?? [];
  return items.flatMap((item, index) => {
    const template = readTemplate(item, `templates[${index}]`, reader, problems.at(item.at));
    return template === undefined ? [] : [template];
  });
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
