import { ConfigError } from "./config-error.ts";
import type { ConfigFile } from "./config-file.ts";
import { muteLibraries, refuseDebugging } from "./debugging.ts";
import { readOperatorFile } from "./operator-file.ts";
import { flagOf, type Option, type OptionValues, options, variableOf } from "./options.ts";
import type { Profile } from "./profile.ts";

/** What the operator set, checked and frozen. */
export interface Config extends OptionValues {
  readonly profiles: ReadonlyMap<string, Profile>;
}

/** Where settings come from. */
export interface ConfigSources {
  /** Values of flags by option name, as written. */
  readonly flags: ReadonlyMap<string, string>;
  /** Default: the process's own, which is read here and nowhere else. */
  readonly env?: Environment;
}

type Environment = Readonly<Record<string, string | undefined>>;
type Sources = Required<ConfigSources>;

const noFile: ConfigFile = { settings: new Map(), profiles: new Map() };

/** Reads all settings: a flag wins over the environment, that over the config file, that over the default. */
export async function loadConfig({ flags, env = process.env }: ConfigSources): Promise<Config> {
  refuseDebugging(process.execArgv, env);
  muteLibraries(process.env);
  const sources = { flags, env };
  const file = await readConfigFile(sources);
  const values = new Map<string, unknown>();
  for (const [name, option] of Object.entries<Option>(options)) {
    values.set(name, resolveOption(name, option, sources, file));
  }
  const given = Object.fromEntries(values) as unknown as OptionValues;
  const config = { ...given, kubernetesApi: given.kubernetesApi ?? inClusterApi(env), profiles: file.profiles };
  checkTogether(config);
  return Object.freeze(config);
}

async function readConfigFile(sources: Sources): Promise<ConfigFile> {
  const path = resolveOption("config", options.config, sources, noFile);
  if (path === undefined) return noFile;
  const { parseConfigFile } = await import("./config-file.ts");
  return parseConfigFile(await readOperatorFile(path, "--config"), path);
}

function resolveOption<T>(
  name: string,
  option: Option<T | undefined>,
  sources: Sources,
  file: ConfigFile,
): T | undefined {
  const given = firstGiven(name, option, sources, file);
  if (given === undefined) return option.fallback;
  const value = option.type.parse(given.text);
  if (value !== undefined) return value;
  throw new ConfigError(`${given.source}: ${quote(given.text)} is not allowed; allowed: ${option.type.allowed}`);
}

function firstGiven(
  name: string,
  option: Option,
  { flags, env }: Sources,
  file: ConfigFile,
): { readonly text: string; readonly source: string } | undefined {
  const flag = flags.get(name);
  if (flag !== undefined) return { text: flag, source: flagOf(name) };
  for (const variable of [variableOf(name), ...(option.env ?? [])]) {
    const text = env[variable];
    if (text !== undefined && text !== "") return { text, source: `${variable} (${flagOf(name)})` };
  }
  const text = file.settings.get(name);
  return text === undefined ? undefined : { text, source: `${name} in the config file (${flagOf(name)})` };
}

/** The admin socket for commands that talk to a running process: the flag, or the environment. Throws `ConfigError`. */
export function adminSocketOf(flag: string | undefined, env: Environment = process.env): string {
  const socket = flag ?? env[variableOf("adminSocket")] ?? "";
  if (socket !== "") return socket;
  throw new ConfigError(`--admin-socket: give the path that serve was given (or ${variableOf("adminSocket")})`);
}

/** https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/#directly-accessing-the-rest-api */
function inClusterApi(env: Environment): string | undefined {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT_HTTPS: port = "443" } = env;
  if (host === undefined || host === "") return undefined;
  return `https://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function quote(value: string): string {
  return JSON.stringify(value.length > 100 ? `${value.slice(0, 100)}...` : value);
}

/** Where the key of a dialect's object versions can lie: a file, or today's Kubernetes Secret. */
const keyPlaces = [
  ["vaultVersionKeyFile", "vaultHmacSecretName"],
  ["openbaoVersionKeyFile", "openbaoHmacSecretName"],
] as const;

function checkTogether(values: OptionValues): void {
  if (values.versionKeyFile !== undefined && values.versionKey !== undefined) {
    throw new ConfigError("--version-key-file and --version-key exclude each other; give one of them");
  }
  if (values.versionKeyFile === undefined && values.versionKey === undefined) {
    throw new ConfigError(
      "no key for object versions: give --version-key-file FILE (the same key on every node, so that versions change only with content), " +
        "or --version-key ephemeral to accept that versions change with every start and node",
    );
  }
  for (const [file, secret] of keyPlaces) {
    if (values[file] === undefined || values[secret] === undefined) continue;
    throw new ConfigError(`${flagOf(file)} and ${flagOf(secret)} exclude each other; give one of them`);
  }
  if (values.tokenKeys !== undefined && values.tokenIssuer === undefined) {
    throw new ConfigError("--token-keys needs --token-issuer: the `iss` of the cluster's service account tokens");
  }
  if (values.cacheDir !== undefined && values.cacheKeyFile === undefined) {
    throw new ConfigError("--cache-dir needs --cache-key-file: what rests in a directory is sealed with that key");
  }
  if (values.providers.length === 0) throw new ConfigError(`${flagOf("providers")}: name at least one dialect`);
}
