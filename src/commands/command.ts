import { Command, CommanderError, Option } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { adminSocketOf, loadConfig } from "../config/config.ts";
import { ConfigError } from "../config/config-error.ts";
import type { Option as ConfigOption } from "../config/option.ts";
import { flagOf, options, variableOf } from "../config/options.ts";
import { explainPeerFlags } from "../config/peer-flags.ts";
import { errorName, ProviderError, stackFrames } from "../errors.ts";
import type { CacheSelection } from "../server/control.ts";
import { SocketError } from "../server/socket.ts";

/** Runs what the command line says and gives the exit code: 0 done, 1 failed, 2 wrong usage or settings. */
export async function runCommand(argv: readonly string[]): Promise<number> {
  let exitCode = 0;
  const complaints: string[] = [];
  const program = new Command("latchkey")
    .description("One Secrets Store CSI provider for every store")
    .version(packageJson.version)
    .exitOverride()
    // Held back, for an unknown option can be one that another provider has.
    .configureOutput({ writeErr: (text) => complaints.push(text) });
  const serve = program.command("serve").description("serve the driver on one socket a dialect").exitOverride();
  addOptions(serve);
  serve.action(async (flags: Readonly<Record<string, unknown>>) => {
    const config = await loadConfig({ flags: readFlags(flags) });
    const { serveUntilStopped } = await import("./serve.ts");
    exitCode = await serveUntilStopped(config, packageJson.version);
  });
  addCacheCommand(program);
  try {
    await program.parseAsync([...argv], { from: "user" });
    return exitCode;
  } catch (error) {
    return error instanceof CommanderError ? refuse(error, complaints, argv) : explain(error);
  }
}

function addCacheCommand(program: Command): void {
  const cache = program.command("cache").description("see and drop what a running latchkey has cached").exitOverride();
  const socket = () =>
    new Option("--admin-socket <path>", `${options.adminSocket.describe} (${variableOf("adminSocket")})`);
  cache
    .command("ls")
    .description("list cached secrets: whose they are, their ages and hits; never a value")
    .addOption(socket())
    .option("--json", "as JSON")
    .exitOverride()
    .action(async (flags: { readonly adminSocket?: string; readonly json?: boolean }) => {
      const { listCache } = await import("./cache.ts");
      say(await listCache(adminSocketOf(flags.adminSocket), flags.json === true));
    });
  cache
    .command("drop")
    .description("forget cached secrets that fit all of the given words")
    .addOption(socket())
    .option("--namespace <name>", "of this namespace")
    .option("--service-account <name>", "of this service account")
    .option("--store <kind>", "of this kind of store")
    .option("--name <ref>", "of this name, as `latchkey cache ls` shows it")
    .option("--all", "every one")
    .exitOverride()
    .action(async ({ adminSocket, all, ...selection }: DropFlags) => {
      if (all !== true && Object.keys(selection).length === 0) {
        throw new ConfigError(
          "cache drop: say which entries: --namespace, --service-account, --store, --name, or --all",
        );
      }
      const { dropFromCache } = await import("./cache.ts");
      say(await dropFromCache(adminSocketOf(adminSocket), selection));
    });
}

interface DropFlags extends CacheSelection {
  readonly adminSocket?: string;
  readonly all?: boolean;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Flags are made from the table; their values stay text until the table's own types read them. */
function addOptions(command: Command): void {
  for (const [name, { type, describe, fallback, env }] of Object.entries<ConfigOption>(options)) {
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

function readFlags(flags: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(flags).map(([name, value]) => [name, String(value)]));
}

/** Help and version are printed by now; a complaint is not. */
function refuse(error: CommanderError, complaints: readonly string[], argv: readonly string[]): number {
  if (error.exitCode === 0) return 0;
  const answers = error.code === "commander.unknownOption" ? explainPeerFlags(argv) : [];
  const start = argv[0]?.startsWith("-") === true ? ["start it with: latchkey serve"] : [];
  if (answers.length > 0) return complain([...answers, ...start].join("\nlatchkey: "), 2);
  process.stderr.write(complaints.join(""));
  return 2;
}

function explain(error: unknown): number {
  if (error instanceof ConfigError || error instanceof SocketError) return complain(error.message, 2);
  if (error instanceof ProviderError) return complain(error.describe(), 2);
  return complain(`unexpected ${errorName(error)}\n${stackFrames(error).join("\n")}`, 1);
}

function complain(message: string, exitCode: number): number {
  process.stderr.write(`latchkey: ${message}\n`);
  return exitCode;
}
