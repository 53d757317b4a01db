import { FormatError } from "../../formats/format-error.ts";
import { goText, type YamlField } from "../../formats/go-yaml.ts";
import type { LiquidEngine } from "../../formats/liquid/engine.ts";
import type { YamlNode } from "../../formats/yaml-node.ts";
import { namedAll, type Problems, quoted } from "../../plan/problems.ts";
import type { ClassTexts } from "../class-texts.ts";
import { fixForUnknown } from "../read-shape.ts";

/** A template's text, and the names of secrets that it looks up. */
export interface TemplateText {
  readonly text: string;
  readonly names: readonly string[];
}

/** Reads the texts of templates. */
export interface TemplateReader {
  /** Reads the templates that stand anywhere in these, if they are long, before they are asked for. */
  prepare(nodes: readonly YamlNode[]): Promise<void>;
  /** The template of a field; notes what is wrong with it. Undefined where it cannot be parsed. */
  read(field: YamlField | undefined, place: string, problems: Problems): TemplateText | undefined;
}

/** Reads templates that look up secrets by `names`, those that secrets have by `as`. Loads the engine, so make it where there is a template. */
export async function createTemplateReader(names: readonly string[], texts: ClassTexts): Promise<TemplateReader> {
  const { LiquidEngine: Engine } = await import("../../formats/liquid/engine.ts");
  const engine = new Engine();
  const known = new Set(names);
  return {
    prepare: (nodes) => texts.prepareTemplates(nodes.flatMap(templatesIn)),
    read(field, place, problems) {
      const text = problems.attempt(place, () => goText(field?.value)) ?? "";
      const parsed = problems
        .at(field?.value.at)
        .attempt(place, () => namesIn(engine, text, texts), "correct the template");
      for (const name of parsed ?? []) {
        if (field === undefined || known.has(name)) continue;
        const choice = names.length === 0 ? "" : `; there are ${namedAll(names)}`;
        const fix = problems.hint(() => fixForUnknown(name, names)) ?? "give a secret this name: as: ...";
        problems.at(field.at).addHere("LK0003", place, `no secret has the name ${quoted(name)}${choice}`, fix);
      }
      return parsed && { text, names: parsed };
    },
  };
}

/** Texts that cannot be anything but what they say are left out. */
function templatesIn(node: YamlNode): readonly string[] {
  if (node.kind === "scalar") return node.text.includes("{") ? [goText(node)] : [];
  if (node.kind === "list") return node.items.flatMap(templatesIn);
  return node.entries.flatMap(({ value }) => templatesIn(value));
}

/** Its error tells a line of the template, which is no line of the parameter. */
function namesIn(engine: LiquidEngine, text: string, texts: ClassTexts): readonly string[] {
  try {
    return texts.template(text) ?? engine.parse(text).names;
  } catch (error) {
    throw error instanceof FormatError ? new FormatError(error.message, {}, error.fix) : error;
  }
}
