import type { YamlEntry, YamlNode } from "../formats/yaml-node.ts";
import { named, type Problems } from "./problems.ts";

const controls = /\p{Cc}+/gu;

/** True for text with a line break, a tab or another character that nobody sees. */
export function holdsControl(text: string): boolean {
  return text.search(controls) >= 0;
}

/**
 * The text of a name or setting, which stands on one line. Notes a control character, which names a file or a secret that
 * nobody meant, and gives the text without it, so that the rest can be judged.
 */
export function oneLine(text: string, subject: string, problems: Problems): string {
  if (!holdsControl(text)) return text;
  const ends = text.trimEnd();
  const [message, fix] = holdsControl(ends)
    ? (["it holds a line break or another control character", "write it on one line, without such characters"] as const)
    : (["it ends with a line break", "write it on the line of its name, without | or >"] as const);
  // Not quoted: an address can hold a password.
  problems.add("LK0003", subject, message, fix);
  return ends.replace(controls, "");
}

/** The parameters, those of these names by `oneLine`. */
export function oneLineParameters(
  parameters: ReadonlyMap<string, string>,
  names: readonly string[],
  problems: Problems,
): ReadonlyMap<string, string> {
  const wrong = names.filter((name) => holdsControl(parameters.get(name) ?? ""));
  if (wrong.length === 0) return parameters;
  const read = wrong.map((name) => [name, oneLine(parameters.get(name) ?? "", name, problems)] as const);
  return new Map([...parameters, ...read]);
}

/** All texts of a YAML value by `oneLine`, names too, but for what stands in fields of these names. `place` is the value's own. */
export function oneLineYaml(node: YamlNode, place: string, without: readonly string[], problems: Problems): YamlNode {
  if (node.kind === "scalar") {
    return holdsControl(node.text) ? { ...node, text: oneLine(node.text, place, problems.at(node.at)) } : node;
  }
  if (node.kind === "list") {
    const items = node.items.map((item, index) => oneLineYaml(item, `${place}[${index}]`, without, problems));
    return items.every((item, index) => item === node.items[index]) ? node : { ...node, items };
  }
  const entries = node.entries.map((entry) => oneLineEntry(entry, place, without, problems));
  return entries.every((entry, index) => entry === node.entries[index]) ? node : { ...node, entries };
}

function oneLineEntry(entry: YamlEntry, place: string, without: readonly string[], problems: Problems): YamlEntry {
  const { key, value } = entry;
  const name = key.kind === "scalar" ? key.text : "";
  if (without.includes(name)) return entry;
  const inside = `${place}.${named(name)}`;
  const read = {
    key: oneLineYaml(key, inside, without, problems),
    value: oneLineYaml(value, inside, without, problems),
  };
  return read.key === key && read.value === value ? entry : read;
}
