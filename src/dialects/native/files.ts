import type { ParameterPlace } from "../../errors.ts";
import { goText } from "../../formats/go-yaml.ts";
import type { YamlNode } from "../../formats/yaml-node.ts";
import type { Problems } from "../../plan/problems.ts";
import type { Step } from "../../plan/step.ts";
import { readMode } from "./mode.ts";
import { readSelection, selectNames } from "./select.ts";
import { requiredText, strictFields } from "./strict-fields.ts";

/** One entry of `files`. */
export interface FileSpec {
  readonly path: string;
  /** `secrets[2].files[0]`. */
  readonly place: string;
  /** Where `path` stands. */
  readonly at: ParameterPlace;
  readonly steps: readonly Step[];
  /** Mode bits; `undefined`: the mount's default. */
  readonly mode: number | undefined;
  /** The file's content if the secret or its key does not exist. */
  readonly fallbackText: string | undefined;
}

const known = ["path", "mode", "default", ...selectNames];

/** Reads one entry of `files`; `undefined` after noting what is wrong with it. */
export function readFile(node: YamlNode, place: string, problems: Problems): FileSpec | undefined {
  const before = problems.count;
  const fields = strictFields(node, place, known, problems);
  if (fields === undefined) return undefined;
  const fix = "write the file's relative path in the volume";
  const path = requiredText(fields, "path", { place, at: node.at, fix }, problems);
  const steps = readSelection(fields, place, problems);
  const mode = readMode(fields, place, problems);
  const text = fields.get("default")?.value;
  const fallbackText = problems.attempt(`${place}.default`, () => (text === undefined ? undefined : goText(text)));
  if (path === undefined || problems.count > before) return undefined;
  const { line, column } = fields.get("path")?.value.at ?? node.at;
  return { path, place, at: { parameter: "secrets", line, column }, steps, mode, fallbackText };
}
