import { type Command, Option } from "commander";
import type { Finish } from "./finish.ts";
import type { VerifyFlags } from "./verify-audit.ts";

/** `latchkey audit verify`. */
export function addAuditCommand(program: Command, finish: Finish): void {
  const audit = program.command("audit").description("work with audit logs").exitOverride();
  audit
    .command("verify")
    .description("find lines of an audit log that were changed, moved or dropped; exits with 1 if there are any")
    .argument("<files...>", "audit files, the oldest first; - reads standard input")
    .addOption(
      new Option("--key-file <path>", "key of the chain: the --audit-key-file of latchkey serve").makeOptionMandatory(),
    )
    .option("--head <boot:seq:mac...>", "an exported head: its line must be present")
    .option("--after <boot:seq:mac>", "last head of the lines that rotation removed: the first line must continue it")
    .option("--mixed", "skip lines that are not audit lines, such as those of a log on standard output")
    .exitOverride()
    .action(async (files: readonly string[], flags: VerifyFlags) => {
      const { verifyAudit } = await import("./verify-audit.ts");
      finish(await verifyAudit(files, flags));
    });
}
