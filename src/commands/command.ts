import { Command, CommanderError, Option } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { loadConfig } from "../config/config.ts";
import { ConfigError } from "../config/config-error.ts";
import { flagOf, options, variableOf } from "../config/options.ts";
import { errorName, ProviderError, stackFrames } from "../errors.ts";
import { SocketError } from "../server/socket.ts";

/** Runs what the command line says and gives the exit code: 0 done, 1 failed, 2 wrong usage or settings. */
export async function runCommand(argv: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = new Command("latchkey")
    .description("One Secrets Store CSI provider for every store")
    .version(packageJson.version)
    .exitOverride();
  const serve = program.command("serve").description("serve the driver on one socket a dialect").exitOverride();
  addOptions(serve);
  serve.action(async (flags: Readonly<Record<string, unknown>>) => {
    const config = await loadConfig({ flags: readFlags(flags) });
    const { serveUntilStopped } = await import("./serve.ts");
    exitCode = await serveUntilStopped(config, packageJson.version);
  });
  try {
    await program.parseAsync([...argv], { from: "user" });
    return exitCode;
  } catch (error) {
    return explain(error);
  }
}

/** Flags are made from the table; their values stay text until the table's own types read them. */
function addOptions(command: Command): void {
  for (const [name, { type, describe, fallback, env }] of Object.entries(options)) {
    const argument = type.placeholder === undefined ? " [true|false]" : ` ${type.placeholder}`;
    const variables = [variableOf(name), ...(env ?? [])].join(", ");
    const shown = fallback === undefined ? "" : `; default ${describeDefault(name, fallback)}`;
    command.addOption(new Option(`${flagOf(name)}${argument}`, `${describe} (${variables}${shown})`));
  }
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

function explain(error: unknown): number {
  // commander has printed help, version or its own complaint by now
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof ConfigError || error instanceof SocketError) return complain(error.message, 2);
  if (error instanceof ProviderError) return complain(error.describe(), 2);
  return complain(`unexpected ${errorName(error)}\n${stackFrames(error).join("\n")}`, 1);
}

function complain(message: string, exitCode: number): number {
  process.stderr.write(`latchkey: ${message}\n`);
  return exitCode;
}
