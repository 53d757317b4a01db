import { dotenvReaders } from "../../formats/dotenv.ts";
import { FormatError } from "../../formats/format-error.ts";
import { goText } from "../../formats/go-yaml.ts";
import { parseJmesPath } from "../../formats/jmespath.ts";
import { parseKeyPath } from "../../formats/key-path.ts";
import type { YamlNode } from "../../formats/yaml-node.ts";
import { type Problems, quoted } from "../../plan/problems.ts";
import type { Step } from "../../plan/step.ts";
import { jmesPathFix } from "../jmespath-fix.ts";
import { fixForUnknown } from "../read-shape.ts";
import { keyStoreNames, noteStrayWords, readKeyStore, readOpening } from "./key-store.ts";
import type { Fields } from "./strict-fields.ts";

/** Words that say what of a secret a file holds, in the order in which they work. */
export const selectNames = ["key", "jmesPath", "yamlKey", "decode", "format", "part", "for", ...keyStoreNames] as const;

/** The steps from a secret to a file's content; notes what is wrong with them. */
export function readSelection(fields: Fields, place: string, problems: Problems): readonly Step[] {
  const read = (name: string, step: (node: YamlNode) => Step) => {
    const node = fields.get(name)?.value;
    const found = problems.attempt(`${place}.${name}`, () => (node === undefined ? undefined : step(node)));
    return found === undefined ? [] : [found];
  };
  const jmesPath = fields.get("jmesPath");
  if (jmesPath !== undefined && fields.has("key")) {
    problems
      .at(jmesPath.at)
      .addHere("LK0003", `${place}.jmesPath`, "key and jmesPath cannot both be set", "keep one of them");
  }
  const yamlKey = fields.get("yamlKey");
  if (yamlKey !== undefined && (jmesPath !== undefined || fields.has("key"))) {
    const message = "yamlKey cannot be set beside key or jmesPath";
    problems.at(yamlKey.at).addHere("LK0003", `${place}.yamlKey`, message, "keep one of them");
  }
  return [
    ...read("key", readKey),
    ...read("jmesPath", readExpression),
    ...read("yamlKey", (node) => ({ kind: "textKey", format: "yaml", key: goText(node) })),
    ...read("decode", readDecode),
    ...readFormat(fields, place, problems),
  ];
}

function readKey(node: YamlNode): Step {
  const text = goText(node);
  try {
    return { kind: "key", path: parseKeyPath(text), text };
  } catch (error) {
    throw unusable(error, `${quoted(text)} is not a key`, node);
  }
}

/** Reads a JMESPath expression; a result that is not text is written as JSON, as with `key`. */
function readExpression(node: YamlNode): Step {
  const text = goText(node);
  try {
    return { kind: "jmesPath", expression: parseJmesPath(text), text, stringify: true };
  } catch (error) {
    throw unusable(error, `${quoted(text)} is not a JMESPath`, node, jmesPathFix(text));
  }
}

const encodings = ["base64", "base64url", "hex"] as const;

function readDecode(node: YamlNode): Step {
  return { kind: "decode", encoding: choose(encodings, node) };
}

const formats = ["pem", "pkcs12", "jks", "dotenv", "json", "yaml", "properties"] as const;
const parts = ["cert", "key", "chain"] as const;

function readFormat(fields: Fields, place: string, problems: Problems): readonly Step[] {
  const format = fields.get("format")?.value;
  const part = fields.get("part");
  const reader = fields.get("for");
  const name = problems.attempt(`${place}.format`, () => (format === undefined ? undefined : choose(formats, format)));
  const chosen = problems.attempt(`${place}.part`, () => (part === undefined ? undefined : choose(parts, part.value)));
  const whose = problems.attempt(`${place}.for`, () => (reader ? choose(dotenvReaders, reader.value) : undefined));
  if (reader !== undefined && name !== "dotenv") {
    problems
      .at(reader.at)
      .addHere("LK0003", `${place}.for`, "for needs format: dotenv", "write format: dotenv beside it");
  }
  if (part !== undefined && name !== "pem") {
    problems.at(part.at).addHere("LK0003", `${place}.part`, "part needs format: pem", "write format: pem beside it");
  }
  if (name === "pkcs12" || name === "jks") return [readKeyStore(fields, place, problems)];
  noteStrayWords(fields, name, place, problems);
  if (name === "pem") {
    const opening = readOpening(fields, place, problems);
    return [...opening, chosen === undefined ? wholeCertificate : { kind: "pem", part: chosen }];
  }
  if (name === undefined) return [];
  return [{ kind: "format", format: name, ...(whose === undefined ? {} : { reader: whose }) }];
}

/** Key and certificates; what a store says is PKCS#12 becomes PEM. */
const wholeCertificate: Step = { kind: "certificate", form: "pem", ordered: true };

function choose<const T extends string>(words: readonly T[], node: YamlNode): T {
  const text = goText(node);
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  const hint = fixForUnknown(text, words);
  throw new FormatError(`${quoted(text)} is not known${hint === undefined ? "" : `; ${hint}`}`, node.at);
}

function unusable(error: unknown, what: string, node: YamlNode, fix?: string): unknown {
  return error instanceof FormatError ? new FormatError(`${what}: ${error.problem}`, node.at, fix) : error;
}
