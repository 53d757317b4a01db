import type { YamlNode, YamlPosition } from "../formats/yaml-node.ts";
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
  const bad = (message: string, fix: string) => badSecretObject(at, `${place}.${name}`, message, fix);
  if (wrong !== undefined) return { text: "", at, problems: [bad(`${name} ${wrong.message}`, wrong.fix)] };
  const text = textOf(fields, name).trim();
  return { text, at, problems: text === "" ? [bad(`${name} is missing`, `write ${name}`)] : [] };
}

/** An entry that the driver refuses, or the API server. */
export function badSecretObject(at: YamlPosition, subject: string, message: string, fix: string): SecretObjectProblem {
  return { rule: "bad-secret-object", at, subject, message, fix };
}
