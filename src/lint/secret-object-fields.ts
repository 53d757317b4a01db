import { named, quoted } from "../dialects/problems.ts";
import type { YamlNode, YamlPosition } from "../formats/yaml-node.ts";
import { nearest } from "../nearest.ts";
import { type Fields, notTextOf, textOf } from "./kubernetes-objects.ts";

/** Something wrong with `secretObjects`. */
export interface SecretObjectProblem {
  readonly rule: "bad-secret-object" | "no-such-file" | "unknown-secret-type" | "unknown-word";
  readonly at: YamlPosition;
  readonly subject: string;
  readonly message: string;
  readonly fix: string | undefined;
}

/** A text as the driver reads it, without the blanks around it; empty where there is none, and that is told. */
export interface Text {
  readonly text: string;
  readonly at: YamlPosition;
  readonly problems: readonly SecretObjectProblem[];
}

/** Reads a field that must be there. */
export function readText(fields: Fields, item: YamlNode, place: string, name: string): Text {
  const wrong = notTextOf(fields, name);
  const at = fields.get(name)?.value.at ?? item.at;
  const bad = (message: string, fix: string): SecretObjectProblem => {
    return { rule: "bad-secret-object", at, subject: `${place}.${name}`, message, fix };
  };
  if (wrong !== undefined) return { text: "", at, problems: [bad(`${name} ${wrong.message}`, wrong.fix)] };
  const text = textOf(fields, name).trim();
  return { text, at, problems: text === "" ? [bad(`${name} is missing`, `write ${name}`)] : [] };
}

/** The fields that Kubernetes drops from the object, for nobody reads them. */
export function unreadFields(fields: Fields, place: string, known: readonly string[]): readonly SecretObjectProblem[] {
  return [...fields].flatMap(([name, { at }]) => {
    if (known.includes(name)) return [];
    const close = nearest(name, known);
    const fix = close === undefined ? "remove it" : `did you mean ${quoted(close)}?`;
    const message = `field ${quoted(name)} is read by nobody`;
    return [{ rule: "unknown-word", at, subject: `${place}.${named(name)}`, message, fix }];
  });
}
