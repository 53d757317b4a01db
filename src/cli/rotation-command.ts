import { type Command, Option } from "commander";
import type { Finish } from "./finish.ts";
import type { RotationFlags } from "./rotation-from-shell.ts";

/** `latchkey rotation`. */
export function addRotationCommand(program: Command, finish: Finish): void {
  program
    .command("rotation")
    .description(
      "tell which pods hold which version of which object; exits with 1 if an old credential is still in use",
    )
    .argument(
      "<file>",
      "output of kubectl get secretproviderclasspodstatuses -A -o json --show-managed-fields; - reads standard input",
    )
    .option("--before <file>", "the same output from before the rotation: a version that was held then is old")
    .option("--namespace <name>", "pods of this namespace only")
    .option("--class <name>", "volumes of this SecretProviderClass only")
    .option("--object <id>", "this object only, as the class has it: the path of a file")
    .addOption(new Option("--format <format>", "output format").choices(["human", "json"]).default("human"))
    .action(async (file: string, flags: RotationFlags) => {
      const { rotationFromShell } = await import("./rotation-from-shell.ts");
      finish(await rotationFromShell(file, flags));
    });
}
