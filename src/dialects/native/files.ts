import { FormatError } from "../../formats/format-error.ts";
import { goText } from "../../formats/go-yaml.ts";
import { parseKeyPath } from "../../formats/key-path.ts";
import type { YamlNode } from "../../formats/yaml-node.ts";
import type { Step } from "../plan.ts";
import { type Problems, quoted } from "../problems.ts";
import { notYet } from "./not-yet.ts";
import { requiredText, strictFields } from "./strict-fields.ts";

/** One entry of `files`. */
export interface FileSpec {
  readonly path: string;
  /** `secrets[2].files[0]`. */
  readonly place: string;
  readonly steps: readonly Step[];
  /** Mode bits; `undefined`: the mount's default. */
  readonly mode: number | undefined;
}

const known = ["path", "key", "mode"];

/** Reads one entry of `files`; `undefined` after noting what is wrong with it. */
export function readFile(node: YamlNode, place: string, problems: Problems): FileSpec | undefined {
  const before = problems.count;
  const fields = strictFields(node, place, { known, notYet: notYet.file }, problems);
  if (fields === undefined) return undefined;
  const fix = "write the file's relative path in the volume";
  const path = requiredText(fields, "path", { place, at: node.at, fix }, problems);
  const key = fields.get("key")?.value;
  const steps = problems.attempt(`${place}.key`, () => (key === undefined ? [] : [readKey(key)]));
  const mode = fields.get("mode")?.value;
  const bits = problems.attempt(`${place}.mode`, () => (mode === undefined ? undefined : readMode(mode)), modeFix);
  if (path === undefined || steps === undefined || problems.count > before) return undefined;
  return { path, place, steps, mode: bits };
}

function readKey(node: YamlNode): Step {
  const text = goText(node);
  try {
    return { kind: "key", path: parseKeyPath(text), text };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new FormatError(`${quoted(text)} is no key: ${error.problem}`, node.at);
  }
}

const modeFix = 'write permission bits in octal, from 0 to 0777, such as "0440"';

/** Always octal, quoted or not: YAML readers differ about 0440, people who write a mode do not. */
function readMode(node: YamlNode): number {
  const text = goText(node);
  if (/^(?:0o)?[0-7]{1,4}$/.test(text)) {
    const mode = Number.parseInt(text.replace("0o", ""), 8);
    if (mode <= 0o777) return mode;
  }
  throw new FormatError(`${quoted(text)} is no file mode`, node.at);
}
