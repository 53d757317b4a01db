import { FormatError } from "../../formats/format-error.ts";
import { goText } from "../../formats/go-yaml.ts";
import type { YamlNode } from "../../formats/yaml-node.ts";
import { type Problems, quoted } from "../problems.ts";
import type { Fields } from "./strict-fields.ts";

const modeFix = 'write permission bits in octal, from 0 to 0777, such as "0440"';

/** Mode bits; undefined where none are written, and after noting what is none. */
export function readMode(fields: Fields, place: string, problems: Problems): number | undefined {
  const node = fields.get("mode")?.value;
  return problems.attempt(`${place}.mode`, () => (node === undefined ? undefined : parseMode(node)), modeFix);
}

/** Always octal, quoted or not: YAML readers differ about 0440, people who write a mode do not. */
function parseMode(node: YamlNode): number {
  const text = goText(node);
  if (/^(?:0o)?[0-7]{1,4}$/.test(text)) {
    const mode = Number.parseInt(text.replace("0o", ""), 8);
    if (mode <= 0o777) return mode;
  }
  throw new FormatError(`${quoted(text)} is no file mode`, node.at);
}
