import type { YamlNode, YamlPosition } from "../formats/yaml-node.ts";
import { fieldsOf, textNode } from "./kubernetes-objects.ts";
import type { LiteralBlock, YamlDocument } from "./yaml-file.ts";

/** One parameter, and where it is. */
export interface Parameter {
  /** Of one that is not text: what its text would be. */
  readonly text: string;
  /** Its name. */
  readonly at: YamlPosition;
  /** Where its text is a literal block, so that lines of it are lines of the file. */
  readonly block: LiteralBlock | undefined;
}

/** Something of the object that is not as Kubernetes needs it. */
export interface ClassProblem {
  readonly rule: "bad-class" | "repeated-key";
  readonly at: YamlPosition;
  readonly message: string;
  readonly fix?: string;
}

/** The parameters of a SecretProviderClass. */
interface Parameters {
  readonly read: ReadonlyMap<string, Parameter>;
  /** A parameter stands where the text of another one belongs. */
  readonly misplaced: boolean;
  readonly problems: readonly ClassProblem[];
}

/**
 * Reads `spec.parameters`. Kubernetes refuses the object where one is not text; it is read as the text that was meant, so
 * that what is wrong inside is told too, and nothing that only follows from it.
 */
export function readParameters(document: YamlDocument, node: YamlNode | undefined): Parameters {
  const read = new Map<string, Parameter>();
  if (node !== undefined && node.kind !== "map" && textNode(node) !== "") {
    const message = "spec.parameters is not a map";
    const problem = { rule: "bad-class", at: node.at, message, fix: "write parameters: { name: text }" } as const;
    return { read, misplaced: false, problems: [problem] };
  }
  const problems: ClassProblem[] = [];
  let before: Before | undefined;
  let misplaced = false;
  for (const [name, { value, at }] of fieldsOf(node)) {
    const text = textNode(value);
    if (text !== undefined) {
      read.set(name, { text, at, block: document.blockAt(value.at) });
      before = { name, opener: text === "" ? document.openerAt(value.at) : undefined };
      continue;
    }
    read.set(name, { at, ...meantText(document, value) });
    if (before?.opener !== undefined) {
      problems.push({ rule: "bad-class", at, ...mustBeBelow(name, `${before.name}: ${before.opener}`) });
      misplaced = true;
    } else if (!misplaced) problems.push({ rule: "bad-class", at: value.at, ...notText(name, value) });
    before = undefined;
  }
  return { read, misplaced, problems };
}

/** The parameter before, and how its block is opened where nothing is in it. */
interface Before {
  readonly name: string;
  readonly opener: string | undefined;
}

function meantText(document: YamlDocument, value: YamlNode): Pick<Parameter, "text" | "block"> {
  if (value.kind === "scalar") return { text: value.text, block: undefined };
  return document.sourceAt(value.at) ?? { text: "", block: undefined };
}

function mustBeBelow(name: string, opener: string) {
  const message = `${JSON.stringify(name)} must be indented below \`${opener}\``;
  return { message, fix: "indent it, and what follows it, by two spaces more" };
}

/** The commonest reason is a list written without `|`. */
function notText(name: string, value: YamlNode) {
  const shown = JSON.stringify(name);
  if (value.kind === "scalar") return { message: `parameter ${shown} must be text`, fix: "put the value in quotes" };
  return {
    message: `parameter ${shown} must be text, not a ${value.kind}`,
    fix: `write ${name}: | and keep the ${value.kind} below it`,
  };
}
