import { type Config, type ConfigSources, readConfig, readDefaults, readMountDefaults } from "../config/config.ts";
import type { IgnoredVariable } from "../config/ignored-variable.ts";
import { dialectDefinitions, dialectNames } from "../dialects/index.ts";
import { storeFamilies } from "../stores/index.ts";
import { options } from "./options.ts";

/** Where settings come from, besides the table of all that there are. */
type Sources = Omit<ConfigSources, "table">;

/** Reads all settings of `latchkey serve`. Throws `ConfigError`. */
export async function loadConfig(sources: Sources): Promise<Config> {
  return await readConfig(
    { ...sources, table: options },
    {
      check: (config) => {
        for (const { check } of [...storeFamilies, ...dialectDefinitions]) check?.(config);
      },
      ignored: (served) => {
        const all = dialectDefinitions.flatMap(({ name, ignored }) => (served.includes(name) ? ignored : []));
        // Two dialects can ignore one variable, which is told once.
        const byName = new Map(all.map((each) => [each.variable, each]));
        const product = ({ variable }: IgnoredVariable) => variable.split("_", 1)[0] ?? "";
        return [...byName.values()].sort((a, b) => product(a).localeCompare(product(b)));
      },
    },
  );
}

/** Reads the settings that plans are made with: every dialect counts as served. Throws `ConfigError`. */
export async function loadDefaults(sources: Sources): Promise<Config> {
  return await readDefaults(servingAll(sources));
}

/** Reads the same for a command that holds secrets: refused under Node options that show memory. Throws `ConfigError`. */
export async function loadMountDefaults(sources: Sources): Promise<Config> {
  return await readMountDefaults(servingAll(sources));
}

function servingAll(sources: Sources): ConfigSources {
  return { ...sources, table: options, flags: new Map([...sources.flags, ["providers", dialectNames.join(",")]]) };
}
