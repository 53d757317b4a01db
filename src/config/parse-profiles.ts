import * as z from "zod";
import { ConfigError } from "./config-error.ts";
import type { Profile } from "./profile.ts";

// https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names
const namespaceName = z
  .string({ error: "must be the name of a namespace, or a pattern such as team-*" })
  .regex(
    /^(?=.{1,63}$)[a-z0-9*]([-a-z0-9*]*[a-z0-9*])?$/,
    "must be the name of a namespace, or a pattern such as team-*",
  );

const access = z.object(
  {
    kind: z.string({ error: ({ input }) => (input === undefined ? "is missing" : "must be text") }),
    namespaces: z
      .array(namespaceName, { error: "must be a list of namespaces" })
      .min(1, "must name a namespace; leave it out for every namespace")
      .optional(),
    prefixes: z
      .array(z.string({ error: "must be text" }).min(1, "must not be empty"), { error: "must be a list of prefixes" })
      .min(1, "must name a prefix; leave it out for every secret")
      .optional(),
  },
  { error: "must be a map of settings" },
);

/** More than any store's settings need; an alias to what it stands in would have no end. */
const deepest = 16;

/** Reads the `profiles` of a config file, maps as `Map`. `path` is the file's, for errors. Throws `ConfigError`. */
export function parseProfiles(value: unknown, path: string): ReadonlyMap<string, Profile> {
  if (!(value instanceof Map)) {
    throw new ConfigError(`${path}: profiles must be a map from a profile's name to its settings`);
  }
  const entries = [...(value as ReadonlyMap<string, unknown>)];
  return new Map(entries.map(([name, raw]) => [name, parseProfile(name, raw, `${path}: profiles.${name}`)]));
}

function parseProfile(name: string, raw: unknown, where: string): Profile {
  const fields = plain(raw, where, 0);
  const parsed = access.safeParse(fields);
  const issue = parsed.error?.issues[0];
  if (!parsed.success) throw new ConfigError(`${[where, ...(issue?.path ?? [])].join(".")}: ${issue?.message}`);
  const { kind, namespaces, prefixes } = parsed.data;
  const own = raw instanceof Map ? [...raw].filter(([key]) => !Object.hasOwn(access.shape, String(key))) : [];
  const settings = plain(new Map(own), where, 0) as Profile["settings"];
  return {
    ...{ name, kind, settings },
    ...(namespaces === undefined ? {} : { namespaces }),
    ...(prefixes === undefined ? {} : { prefixes }),
  };
}

/** Maps become objects without a prototype, so that `__proto__` is an ordinary key. */
function plain(value: unknown, where: string, depth: number): unknown {
  if (depth > deepest) throw new ConfigError(`${where}: nested too deeply; keep to ${deepest} levels`);
  if (Array.isArray(value)) return value.map((item) => plain(item, where, depth + 1));
  if (!(value instanceof Map)) return value;
  const object: Record<string, unknown> = Object.create(null);
  for (const [key, inner] of value) object[String(key)] = plain(inner, where, depth + 1);
  return object;
}
