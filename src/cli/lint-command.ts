import { type Command, Option } from "commander";
import type { Finish } from "./finish.ts";
import type { LintFlags } from "./lint-from-shell.ts";
import { addOptions, readFlags } from "./option-flags.ts";
import { planOptions, secretOptions } from "./plan-options.ts";

/** `latchkey lint`. */
export function addLintCommand(program: Command, finish: Finish, version: string): void {
  const lint = program
    .command("lint")
    .description("check SecretProviderClasses, and pods that use them, without asking any store")
    .argument("<file...>", "YAML files, such as manifests or Helm's output; - reads standard input")
    .addOption(
      new Option("--format <format>", "output format").choices(["human", "json", "sarif", "github"]).default("human"),
    )
    .option("--warnings-as-errors", "exit with 1 for warnings too")
    .option("--namespace <name>", "namespace of objects that do not name one", "default");
  addOptions(lint, [...planOptions, ...secretOptions]);
  lint.action(async (files: readonly string[], flags: LintFlags) => {
    const { lintFromShell } = await import("./lint-from-shell.ts");
    finish(await lintFromShell(files, flags, readFlags(flags), version));
  });
}
