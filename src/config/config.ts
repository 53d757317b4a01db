import { checkTogether } from "./check-together.ts";
import { ConfigError } from "./config-error.ts";
import type { ConfigFile } from "./config-file.ts";
import { muteLibraries, refuseDebugging } from "./debugging.ts";
import type { IgnoredVariable } from "./ignored-variable.ts";
import { readOperatorFile } from "./operator-file.ts";
import type { OptionTable } from "./option.ts";
import { type CoreValues, variableOf } from "./options.ts";
import type { Profile } from "./profile.ts";
import { type Environment, noFile, resolveOption, resolveOptions, type Sources } from "./resolve.ts";

/** The operator's settings, checked and frozen. Those that come with stores and dialects are read by `valuesOf`. */
export interface Config extends CoreValues {
  readonly profiles: ReadonlyMap<string, Profile>;
  /** Variables that are set for today's providers and do nothing here. */
  readonly ignored: readonly IgnoredVariable[];
}

/** Where settings come from. */
export interface ConfigSources {
  /** All settings that there are. */
  readonly table: OptionTable;
  /** Values of flags by option name, as written. */
  readonly flags: ReadonlyMap<string, string>;
  /** Default: the process's own, which is read here and nowhere else. */
  readonly env?: Environment;
}

/** The part of dialects and stores in what is judged of all settings together. */
export interface ConfigChecks {
  /** Throws `ConfigError` for settings that are each right and wrong together. */
  check(config: Config): void;
  /** Returns the variables that today's providers obey and Latchkey does not, for the dialects that are served. */
  ignored(served: readonly string[]): readonly IgnoredVariable[];
}

/** Reads all settings: a flag wins over the environment, that over the config file, that over the default. */
export async function readConfig(
  { table, flags, env = process.env }: ConfigSources,
  checks: ConfigChecks,
): Promise<Config> {
  refuseDebugging(process.execArgv, env);
  muteLibraries(process.env);
  const sources = { table, flags, env };
  const file = await readConfigFile(sources);
  const given = resolveOptions(sources, file) as unknown as CoreValues;
  const config = {
    ...given,
    kubernetesApi: given.kubernetesApi ?? inClusterApi(env),
    profiles: file.profiles,
    ignored: checks.ignored(given.providers).filter(({ variable }) => (env[variable] ?? "") !== ""),
  };
  checkTogether(config);
  checks.check(config);
  return Object.freeze(config);
}

/** Reads the settings that plans are made with, for commands that serve nobody: what only serving needs may be missing. */
export async function readDefaults({ table, flags, env = process.env }: ConfigSources): Promise<Config> {
  muteLibraries(process.env);
  const sources = { table, flags, env };
  const file = await readConfigFile(sources);
  const given = resolveOptions(sources, file) as unknown as CoreValues;
  return Object.freeze({ ...given, profiles: file.profiles, ignored: [] });
}

/** Reads the same for a command that holds secrets: refused under Node options that show memory. Throws `ConfigError`. */
export async function readMountDefaults({ env = process.env, ...sources }: ConfigSources): Promise<Config> {
  refuseDebugging(process.execArgv, env);
  return await readDefaults({ ...sources, env });
}

/** The value of a variable that the command line names; undefined where it is not set. */
export function variable(name: string, env: Environment = process.env): string | undefined {
  return env[name];
}

/** Whether somebody asked for output without colours (https://no-color.org). */
export function isColourUnwanted(env: Environment = process.env): boolean {
  return (env.NO_COLOR ?? "") !== "";
}

async function readConfigFile(sources: Sources): Promise<ConfigFile> {
  const path = resolveOption("config", sources, noFile);
  if (typeof path !== "string") return noFile;
  const { parseConfigFile } = await import("./config-file.ts");
  return parseConfigFile(await readOperatorFile(path, "--config"), path, sources.table);
}

/** The admin socket for commands that talk to a running process: the flag, or the environment. Throws `ConfigError`. */
export function adminSocketOf(flag: string | undefined, env: Environment = process.env): string {
  const socket = flag ?? env[variableOf("adminSocket")] ?? "";
  if (socket !== "") return socket;
  throw new ConfigError(
    `--admin-socket: missing; give the path that latchkey serve has (or set ${variableOf("adminSocket")})`,
  );
}

/**
 * As client-go finds it (rest.InClusterConfig): both variables or none, an empty one counts as absent, IPv6 in brackets.
 * Clusters that replace kube-proxy override just these two. Throws `ConfigError` if they make no URL.
 */
function inClusterApi(env: Environment): string | undefined {
  const { KUBERNETES_SERVICE_HOST: host = "", KUBERNETES_SERVICE_PORT: port = "" } = env;
  if (host === "" || port === "") return undefined;
  const url = `https://${host.includes(":") ? `[${host}]` : host}:${port}`;
  if (/^[\w.:-]+$/.test(host) && /^\d{1,5}$/.test(port) && URL.canParse(url)) return url;
  throw new ConfigError(
    "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT do not name a host and a port; set both as the kubelet does, or neither",
  );
}
