import { FormatError } from "../../formats/format-error.ts";
import { goFields, goText } from "../../formats/go-yaml.ts";
import { compilePattern, type Pattern } from "../../formats/pattern.ts";
import type { YamlNode } from "../../formats/yaml-node.ts";
import type { Problems } from "../../plan/problems.ts";
import type { Step } from "../../plan/step.ts";
import { readMode } from "./mode.ts";
import { readSelection, selectNames } from "./select.ts";
import { type Fields, strictFields } from "./strict-fields.ts";

/** `expand`: a file for each key of a secret. */
export interface ExpandSpec {
  /** `secrets[2].expand`. */
  readonly place: string;
  readonly mode: number | undefined;
  /** To the object whose keys become files. */
  readonly steps: readonly Step[];
  readonly separator: string | undefined;
  /** Undefined: the key is left out. */
  pathOf(key: string): string | undefined;
}

const known = ["path", "include", "exclude", "rename", "separator", "mode", ...selectNames];

/** Reads `expand`; `undefined` after noting what is wrong with it. */
export function readExpand(node: YamlNode, place: string, problems: Problems): ExpandSpec | undefined {
  const before = problems.count;
  const fields = strictFields(node, place, known, problems);
  if (fields === undefined) return undefined;
  const text = (name: string, most: number) => {
    const value = fields.get(name)?.value;
    return problems.attempt(`${place}.${name}`, () => (value === undefined ? undefined : shortText(value, most)));
  };
  const prefix = text("path", longest.path) ?? "";
  const include = readPattern("include", fields, place, problems);
  const exclude = readPattern("exclude", fields, place, problems);
  const names = readNames(fields, place, problems);
  const separator = text("separator", longest.separator);
  const steps = readSelection(fields, place, problems);
  const mode = readMode(fields, place, problems);
  if (problems.count > before) return undefined;
  const isLeftOut = (key: string) => include?.test(key) === false || exclude?.test(key) === true;
  const pathOf = (key: string) => (isLeftOut(key) ? undefined : `${prefix}${names.get(key) ?? key}`);
  return { place, mode, steps, separator, pathOf };
}

/** In bytes. They stand in the path of every file: a path of the volume has 4096 bytes at most. */
const longest = { path: 4096, separator: 64 };

function shortText(node: YamlNode, most: number): string {
  const text = goText(node);
  if (Buffer.byteLength(text) <= most) return text;
  throw new FormatError(`it is longer than ${most} bytes`, node.at);
}

function readPattern(name: string, fields: Fields, place: string, problems: Problems): Pattern | undefined {
  const node = fields.get(name)?.value;
  const fix = "write a regular expression, such as ^(crt|key)$";
  return problems
    .at(node?.at)
    .attempt(`${place}.${name}`, () => (node === undefined ? undefined : compilePattern(goText(node))), fix);
}

/** New names by key. */
function readNames(fields: Fields, place: string, problems: Problems): ReadonlyMap<string, string> {
  const node = fields.get("rename")?.value;
  const fix = "write a map from a key to the name of its file: { tls.crt: cert.pem }";
  const read = () =>
    node === undefined ? [] : [...goFields(node, "v3")].map(([key, { value }]) => [key, goText(value)] as const);
  return new Map(problems.attempt(`${place}.rename`, read, fix) ?? []);
}
