import { Command, CommanderError } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { ConfigError } from "../config/config-error.ts";
import { explainPeerFlags } from "../config/peer-flags.ts";
import { peers } from "../dialects/index.ts";
import { errorName, ProviderError, stackFrames } from "../errors.ts";
import { options } from "../node/options.ts";
import { SocketError } from "../server/socket.ts";
import { addAuditCommand } from "./audit-command.ts";
import { addCacheCommand } from "./cache-command.ts";
import { addCompletionCommand } from "./completion-command.ts";
import { addConvertCommand } from "./convert-command.ts";
import type { Finish } from "./finish.ts";
import { addLintCommand } from "./lint-command.ts";
import { addMountCommand } from "./mount-command.ts";
import { addPlanCommand } from "./plan-command.ts";
import { addRotationCommand } from "./rotation-command.ts";
import { addSchemaCommand } from "./schema-command.ts";
import { addServeCommand } from "./serve-command.ts";

/** Runs what the command line says and gives the exit code: 0 done, 1 failed, 2 wrong usage or settings. */
export async function runCommand(argv: readonly string[]): Promise<number> {
  const complaints: string[] = [];
  let exitCode = 0;
  const program = createProgram((code) => {
    exitCode = code;
  });
  // Held back, for an unknown option can be one that another provider has.
  for (const each of [program, ...commandsOf(program)]) {
    each.exitOverride().configureOutput({ writeErr: (text) => complaints.push(text) });
  }
  try {
    await program.parseAsync([...argv], { from: "user" });
    return exitCode;
  } catch (error) {
    return error instanceof CommanderError ? refuse(error, complaints, argv) : explain(error);
  }
}

/** Every command, one file each. */
export function createProgram(finish: Finish): Command {
  const { version } = packageJson;
  const program = new Command("latchkey")
    .description("One Secrets Store CSI provider for every store")
    .version(version);
  addServeCommand(program, finish, version);
  addCacheCommand(program);
  addAuditCommand(program, finish);
  addLintCommand(program, finish, version);
  addPlanCommand(program, finish);
  addMountCommand(program, finish);
  addConvertCommand(program, finish);
  addRotationCommand(program, finish);
  addSchemaCommand(program);
  addCompletionCommand(program);
  return program;
}

function commandsOf(command: Command): readonly Command[] {
  return command.commands.flatMap((each) => [each, ...commandsOf(each)]);
}

/** Help and version are printed by now; a complaint is not. */
function refuse(error: CommanderError, complaints: readonly string[], argv: readonly string[]): number {
  if (error.exitCode === 0) return 0;
  const answers = error.code === "commander.unknownOption" ? explainPeerFlags(argv, Object.keys(options), peers) : [];
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
