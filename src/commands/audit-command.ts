import { type Command, Option } from "commander";
import type { VerifyFlags } from "./audit.ts";
import type { Finish } from "./finish.ts";

/** `latchkey audit verify`. */
export function addAuditCommand(program: Command, finish: Finish): void {
  const audit = program.command("audit").description("look at audit logs").exitOverride();
  audit
    .command("verify")
    .description("find lines of an audit log that were changed, moved or dropped; exit code 1 where there are any")
    .argument("<files...>", "the oldest first, as they were set aside; - for standard input")
    .addOption(new Option("--key-file <path>", "key of the chain, as serve was given it").makeOptionMandatory())
    .option("--head <boot:seq:mac...>", "a head that was exported: its line has to be there")
    .option("--after <boot:seq:mac>", "head of lines that rotation has taken away: the first line has to continue it")
    .option("--mixed", "pass over lines that are no audit lines, as of a log on standard output")
    .exitOverride()
    .action(async (files: readonly string[], flags: VerifyFlags) => {
      const { verifyAudit } = await import("./audit.ts");
      finish(await verifyAudit(files, flags));
    });
}
