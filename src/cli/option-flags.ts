import { type Command, Option } from "commander";
import { flagOf, variableOf } from "../config/options.ts";
import { options } from "../node/options.ts";

/** Makes flags from the table, of all settings or of some; their values stay text until the table's own types read them. */
export function addOptions(command: Command, names: readonly string[] = Object.keys(options)): void {
  for (const [name, { type, describe, fallback, env }] of Object.entries(options)) {
    if (!names.includes(name)) continue;
    const argument = type.placeholder === undefined ? " [true|false]" : ` ${type.placeholder}`;
    const variables = [variableOf(name), ...(env ?? []).flat()].join(", ");
    const shown = fallback === undefined ? withoutDefault(describe) : `; default ${describeDefault(name, fallback)}`;
    command.addOption(new Option(`${flagOf(name)}${argument}`, `${describe} (${variables}${shown})`));
  }
}

/** Some descriptions say themselves what happens where nothing is given. */
function withoutDefault(describe: string): string {
  return describe.includes("default: ") ? "" : "; no default";
}

const defaultsInWords: Partial<Record<string, string>> = {
  drain: "10s",
  mountTimeout: "30s",
  maxReplyBytes: "4MiB",
  maxInflightBytes: "64MiB",
  refresh: "2m",
  minRefresh: "0s",
  maxStale: "24h",
  staleAfter: "1.5s",
  denyMemory: "10s",
  cacheBytes: "64MiB",
};

function describeDefault(name: string, fallback: unknown): string {
  if (fallback === null) return "off";
  return defaultsInWords[name] ?? (Array.isArray(fallback) ? fallback.join(",") || "none" : String(fallback));
}

/** The flags that were given, by the settings' names; those of a command's own are not among them. */
export function readFlags(flags: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  const given = Object.entries(flags).filter(([name]) => Object.hasOwn(options, name));
  return new Map(given.map(([name, value]) => [name, String(value)]));
}
