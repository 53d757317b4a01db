import { checkTogether } from "./check-together.ts";
import { ConfigError } from "./config-error.ts";
import type { ConfigFile } from "./config-file.ts";
import { muteLibraries, refuseDebugging } from "./debugging.ts";
import { dialectNames } from "./dialect-names.ts";
import { findIgnored, type IgnoredVariable } from "./ignored-variables.ts";
import { readOperatorFile } from "./operator-file.ts";
import { type OptionValues, variableOf } from "./options.ts";
import type { Profile } from "./profile.ts";
import { type Environment, noFile, resolveOption, resolveOptions, type Sources } from "./resolve.ts";

/** The operator's settings, checked and frozen. */
export interface Config extends OptionValues {
  readonly profiles: ReadonlyMap<string, Profile>;
  /** Variables that are set for today's providers and do nothing here. */
  readonly ignored: readonly IgnoredVariable[];
}

/** Where settings come from. */
export interface ConfigSources {
  /** Values of flags by option name, as written. */
  readonly flags: ReadonlyMap<string, string>;
  /** Default: the process's own, which is read here and nowhere else. */
  readonly env?: Environment;
}

/** Reads all settings: a flag wins over the environment, that over the config file, that over the default. */
export async function loadConfig({ flags, env = process.env }: ConfigSources): Promise<Config> {
  refuseDebugging(process.execArgv, env);
  muteLibraries(process.env);
  const sources = { flags, env };
  const file = await readConfigFile(sources);
  const given = resolveOptions(sources, file);
  const config = {
    ...given,
    kubernetesApi: given.kubernetesApi ?? inClusterApi(env),
    profiles: file.profiles,
    ignored: findIgnored(env, given.providers),
  };
  checkTogether(config);
  return Object.freeze(config);
}

/**
 * The settings that plans are made with, for commands that serve nobody: every dialect counts as served, and what only
 * serving needs may be missing.
 */
export async function loadDefaults({ flags, env = process.env }: ConfigSources): Promise<Config> {
  muteLibraries(process.env);
  const sources = { flags: new Map([...flags, ["providers", dialectNames.join(",")]]), env };
  const file = await readConfigFile(sources);
  return Object.freeze({ ...resolveOptions(sources, file), profiles: file.profiles, ignored: [] });
}

/** The same for a command that holds secrets: refused under Node options that show memory. Throws `ConfigError`. */
export async function loadMountDefaults({ flags, env = process.env }: ConfigSources): Promise<Config> {
  refuseDebugging(process.execArgv, env);
  return await loadDefaults({ flags, env });
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
  if (path === undefined) return noFile;
  const { parseConfigFile } = await import("./config-file.ts");
  return parseConfigFile(await readOperatorFile(path, "--config"), path);
}

/** The admin socket for commands that talk to a running process: the flag, or the environment. Throws `ConfigError`. */
export function adminSocketOf(flag: string | undefined, env: Environment = process.env): string {
  const socket = flag ?? env[variableOf("adminSocket")] ?? "";
  if (socket !== "") return socket;
  throw new ConfigError(`--admin-socket: give the path that serve was given (or ${variableOf("adminSocket")})`);
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
  throw new ConfigError("KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT do not name a host and a port");
}
