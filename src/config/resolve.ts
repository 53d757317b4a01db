import { ConfigError } from "./config-error.ts";
import type { ConfigFile } from "./config-file.ts";
import type { Option, OptionTable } from "./option.ts";
import { flagOf, variableOf } from "./options.ts";

/** Variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where settings come from, besides the config file. */
export interface Sources {
  /** All settings that there are. */
  readonly table: OptionTable;
  /** Values of flags by option name, as written. */
  readonly flags: ReadonlyMap<string, string>;
  readonly env: Environment;
}

/** A file with nothing in it. */
export const noFile: ConfigFile = { settings: new Map(), profiles: new Map() };

/** From strong to weak: flags and `LATCHKEY_*`, variables of others, the config file. */
const layers = ["own", "foreign", "file"] as const;

/** One word about a setting. */
interface Given {
  readonly layer: (typeof layers)[number];
  readonly text: string;
  /** For errors. */
  readonly source: string;
}

/** Every setting's value by name, each of its option's type. Throws `ConfigError`. */
export function resolveOptions(sources: Sources, file: ConfigFile): Readonly<Record<string, unknown>> {
  const served = resolveOption("providers", sources, file);
  const all = Object.entries(sources.table).map(([name, option]) => {
    const given = givenFor(name, option, sources, file);
    // Variables of a product that nobody uses here are nobody's word.
    const isServed = option.dialect === undefined || (served as readonly string[]).includes(option.dialect);
    return { name, option, given: isServed ? given : given.filter(({ layer }) => layer !== "foreign") };
  });
  const strongest = new Map<string, number>();
  for (const { option, given } of all) {
    if (option.group === undefined || given[0] === undefined) continue;
    const rank = layers.indexOf(given[0].layer);
    strongest.set(option.group, Math.min(rank, strongest.get(option.group) ?? rank));
  }
  const values = all.map(({ name, option, given }) => {
    const layer = layers[strongest.get(option.group ?? "") ?? -1];
    return [name, choose(option, layer === undefined ? given : given.filter((each) => each.layer === layer))];
  });
  return Object.fromEntries(values);
}

/** One setting's value, groups left aside. Throws `ConfigError`. */
export function resolveOption(name: string, sources: Sources, file: ConfigFile): unknown {
  const option = sources.table[name];
  return option && choose(option, givenFor(name, option, sources, file));
}

function choose(option: Option, given: readonly Given[]): unknown {
  const [first] = given;
  if (first === undefined) return option.fallback;
  if (option.sticky === true) return given.map((each) => parse(option, each)).includes(true);
  return parse(option, first);
}

function parse({ type, hidden }: Option, { text, source }: Given): unknown {
  const value = type.parse(text);
  if (value !== undefined) return value;
  const shown = hidden === true ? "the value" : quote(text);
  throw new ConfigError(`${source}: ${shown} is not allowed; allowed: ${type.allowed}`);
}

/** All that was said of a setting, the strongest first. */
function givenFor(name: string, option: Option, { flags, env }: Sources, file: ConfigFile): readonly Given[] {
  const flag = flags.get(name);
  const isSilenced = /^true$/i.test(env[option.unless ?? ""] ?? "");
  const variables = (isSilenced ? [] : (option.env ?? [])).map(
    (names) => names.find((known) => env[known] !== undefined) ?? "",
  );
  const inEnv = (variable: string, layer: Given["layer"]): readonly Given[] => {
    const text = env[variable] ?? "";
    return text === "" ? [] : [{ layer, text, source: `${variable} (${flagOf(name)})` }];
  };
  const inFile = file.settings.get(name);
  return [
    ...(flag === undefined ? [] : [{ layer: "own" as const, text: flag, source: flagOf(name) }]),
    ...inEnv(variableOf(name), "own"),
    ...variables.flatMap((variable) => inEnv(variable, "foreign")),
    ...(inFile === undefined
      ? []
      : [{ layer: "file" as const, text: inFile, source: `${name} in the config file (${flagOf(name)})` }]),
  ];
}

function quote(value: string): string {
  return JSON.stringify(value.length > 100 ? `${value.slice(0, 100)}...` : value);
}
