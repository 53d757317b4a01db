import { type Command, Option } from "commander";
import type { Finish } from "./finish.ts";
import { addOptions, readFlags } from "./option-flags.ts";
import type { PlanFlags } from "./plan-from-shell.ts";
import { planOptions, secretOptions } from "./plan-options.ts";

/** `latchkey plan`. */
export function addPlanCommand(program: Command, finish: Finish): void {
  const plan = program
    .command("plan")
    .description("show what a mount would do, without asking any store")
    .argument("<file>", "YAML file with the SecretProviderClass; - reads standard input")
    .requiredOption("--namespace <name>", "namespace of the pod")
    .requiredOption("--service-account <name>", "service account of the pod")
    .option("--pod <name>", "name of the pod")
    .option("--name <name>", "name of the SecretProviderClass, if the file has several")
    .addOption(new Option("--format <format>", "output format").choices(["human", "json"]).default("human"));
  addOptions(plan, [...planOptions, ...secretOptions, "refresh", "minRefresh", "maxStale"]);
  plan.action(async (file: string, flags: PlanFlags) => {
    const { planFromShell } = await import("./plan-from-shell.ts");
    finish(await planFromShell(file, flags, readFlags(flags)));
  });
}
