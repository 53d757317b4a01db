import { LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { nearest } from "../nearest.ts";
import { ConfigError } from "./config-error.ts";
import { options } from "./options.ts";
import type { Profile } from "./profile.ts";

/** What a config file holds: settings as text, as a flag would give them, and the profiles. */
export interface ConfigFile {
  readonly settings: ReadonlyMap<string, string>;
  readonly profiles: ReadonlyMap<string, Profile>;
}

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const setting = z.union([scalar, z.array(scalar).transform((parts) => parts.join(","))]);

// https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names
const namespaceName = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, "must be the exact name of a namespace");
const profile = z.looseObject({ kind: z.string(), namespaces: z.array(namespaceName).min(1).optional() });

/** Reads a config file. `path` is named in errors, with line and column. Throws `ConfigError`. */
export function parseConfigFile(bytes: Uint8Array, path: string): ConfigFile {
  const root = parseYaml(bytes, path);
  const settings = new Map<string, string>();
  let profiles: ReadonlyMap<string, Profile> = new Map();
  for (const [key, value] of root) {
    if (key === "profiles") profiles = parseProfiles(value, path);
    else settings.set(knownKey(key, path), parseWith(setting, value, `${path}: ${key}`));
  }
  return { settings, profiles };
}

function parseYaml(bytes: Uint8Array, path: string): ReadonlyMap<string, unknown> {
  const lineCounter = new LineCounter();
  const document = parseDocument(new TextDecoder().decode(bytes), { lineCounter, uniqueKeys: true, stringKeys: true });
  const error = document.errors[0];
  if (error !== undefined) {
    const { line, col } = lineCounter.linePos(error.pos[0]);
    throw new ConfigError(`${path}:${line}:${col}: not valid YAML (${error.code})`);
  }
  const root: unknown = document.toJS({ mapAsMap: true, maxAliasCount: 100 }) ?? new Map();
  if (root instanceof Map) return root;
  throw new ConfigError(`${path}: must be a map of settings`);
}

function knownKey(key: string, path: string): string {
  if (Object.hasOwn(options, key) && key !== "config") return key;
  const close = nearest(key, Object.keys(options));
  const hint = close === undefined ? "see latchkey serve --help for what there is" : `did you mean ${close}?`;
  throw new ConfigError(`${path}: unknown setting ${JSON.stringify(key)}; ${hint}`);
}

function parseProfiles(value: unknown, path: string): ReadonlyMap<string, Profile> {
  if (!(value instanceof Map))
    throw new ConfigError(`${path}: profiles must be a map from a profile's name to its settings`);
  const profiles = new Map<string, Profile>();
  for (const [name, raw] of value as ReadonlyMap<string, unknown>) {
    const { kind, namespaces, ...settings } = parseWith(profile, plain(raw), `${path}: profiles.${name}`);
    profiles.set(name, { name, kind, settings, ...(namespaces === undefined ? {} : { namespaces }) });
  }
  return profiles;
}

/** Maps become null-prototype objects for zod; the operator's keys are few and known. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!(value instanceof Map)) return value;
  return Object.fromEntries([...value].map(([key, inner]) => [String(key), plain(inner)]));
}

function parseWith<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const inner = issue === undefined || issue.path.length === 0 ? "" : `.${issue.path.join(".")}`;
  throw new ConfigError(`${where}${inner}: ${issue?.message ?? "wrong"}`);
}
