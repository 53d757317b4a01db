import { goText } from "../../formats/go-yaml.ts";
import type { YamlNode } from "../../formats/yaml-node.ts";
import { type Problems, quoted } from "../../plan/problems.ts";
import { canBeMeant, modeOfDecimal, modeText } from "../mode-bits.ts";
import type { Fields } from "./strict-fields.ts";

const modeFix = 'write permission bits in octal, from 0 to 0777, such as "0444"';

/** Mode bits; undefined where none are written, and after noting what is none. */
export function readMode(fields: Fields, place: string, problems: Problems): number | undefined {
  const node = fields.get("mode")?.value;
  const text = problems.attempt(`${place}.mode`, () => node && goText(node), modeFix);
  return node === undefined || text === undefined ? undefined : parseMode(text, node, place, problems);
}

/** Always octal, quoted or not: YAML readers differ about 0440, people who write a mode do not. */
function parseMode(text: string, node: YamlNode, place: string, problems: Problems): number | undefined {
  const mode = /^(?:0o)?[0-7]{1,4}$/.test(text) ? Number.parseInt(text.replace("0o", ""), 8) : Number.NaN;
  if (mode <= 0o777 && canBeMeant(mode)) return mode;
  const what =
    mode <= 0o777
      ? `${quoted(text)} is octal, and ${modeText(mode)} cannot be meant: it lets users write or execute who cannot read, or gives others more than the owner`
      : `${quoted(text)} is not a file mode`;
  const decimal = modeOfDecimal(text);
  const fix = decimal === undefined ? modeFix : `write "${decimal}", which is ${text} as a decimal number`;
  problems.at(node.at).addHere("LK0003", `${place}.mode`, what, fix);
  return undefined;
}
