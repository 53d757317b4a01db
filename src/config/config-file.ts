import { type Document, isAlias, isScalar, isSeq, LineCounter, type ParsedNode, parseDocument } from "yaml";
import { nearest } from "../nearest.ts";
import { ConfigError } from "./config-error.ts";
import type { Option, OptionTable } from "./option.ts";
import { parseProfiles } from "./parse-profiles.ts";
import type { Profile } from "./profile.ts";
import { flag, type ValueType } from "./values.ts";

/** The content of a config file: settings as text, as a flag would give them, and the profiles. */
export interface ConfigFile {
  readonly settings: ReadonlyMap<string, string>;
  readonly profiles: ReadonlyMap<string, Profile>;
}

type Yaml = Document.Parsed<ParsedNode>;

/**
 * Reads a config file with settings of a table. `path` is named in errors, with line and column. Throws `ConfigError`.
 */
export function parseConfigFile(bytes: Uint8Array, path: string, table: OptionTable): ConfigFile {
  const document = parseYaml(bytes, path);
  const settings = new Map<string, string>();
  let profiles: ReadonlyMap<string, Profile> = new Map();
  for (const [key, value] of rootOf(document, path)) {
    if (key === "profiles") profiles = parseProfiles(value, path);
    else settings.set(key, settingOf(key, knownOption(key, path, table), document, path));
  }
  return { settings, profiles };
}

function parseYaml(bytes: Uint8Array, path: string): Yaml {
  const lineCounter = new LineCounter();
  const document = parseDocument(new TextDecoder().decode(bytes), { lineCounter, uniqueKeys: true, stringKeys: true });
  const error = document.errors[0];
  if (error === undefined) return document;
  const { line, col } = lineCounter.linePos(error.pos[0]);
  throw new ConfigError(`${path}:${line}:${col}: not valid YAML (${error.code}); correct it`);
}

function rootOf(document: Yaml, path: string): ReadonlyMap<string, unknown> {
  const root: unknown = toValues(document, path) ?? new Map();
  if (root instanceof Map) return root;
  throw new ConfigError(`${path}: must be a map of settings`);
}

function toValues(document: Yaml, path: string): unknown {
  try {
    return document.toJS({ mapAsMap: true, maxAliasCount: 100 });
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    throw new ConfigError(`${path}: not valid YAML (an alias without its anchor, or far too many aliases); correct it`);
  }
}

function settingOf(key: string, { type }: Option, document: Yaml, path: string): string {
  const node = document.get(key, true);
  const text = type.isList && isSeq(node) ? listText(node.items, document) : scalarText(node, type, document);
  if (text !== undefined) return text;
  const form = type.isList ? "text, a number, true/false or a list of them" : "text, a number or true/false";
  throw new ConfigError(`${path}: ${key}: must be ${form}`);
}

function knownOption(key: string, path: string, table: OptionTable): Option {
  if (key === "config") throw new ConfigError(`${path}: a config file cannot name another one; remove config`);
  const option = Object.entries(table).find(([name]) => name === key)?.[1];
  if (option !== undefined) return option;
  const close = nearest(key, ["profiles", ...Object.keys(table).filter((name) => name !== "config")]);
  const hint = close === undefined ? "see latchkey serve --help for all settings" : `did you mean ${close}?`;
  throw new ConfigError(`${path}: unknown setting ${JSON.stringify(key)}; ${hint}`);
}

function listText(items: readonly unknown[], document: Yaml): string | undefined {
  const texts = items.map((item) => scalarText(item, undefined, document));
  return texts.every((text) => text !== undefined) ? texts.join(",") : undefined;
}

/** A scalar as it is written, for YAML makes 1 of 1.0; only a switch has YAML's words for true and false. */
function scalarText(node: unknown, type: ValueType<unknown> | undefined, document: Yaml): string | undefined {
  const scalar = isAlias(node) ? node.resolve(document) : node;
  if (!isScalar(scalar) || scalar.value === null) return undefined;
  return type === flag ? String(scalar.value) : (scalar.source ?? String(scalar.value));
}
