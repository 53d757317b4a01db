import type { Command } from "commander";
import type { ConvertFlags } from "./convert-from-shell.ts";
import type { Finish } from "./finish.ts";
import { addOptions, readFlags } from "./option-flags.ts";
import { planOptions } from "./plan-options.ts";

/** `latchkey convert`. */
export function addConvertCommand(program: Command, finish: Finish): void {
  const convert = program
    .command("convert")
    .description("print a SecretProviderClass of another provider in the native form")
    .argument("<file>", "YAML file with the SecretProviderClass; - reads standard input")
    .option("--name <name>", "name of the SecretProviderClass, if the file has several")
    .option("--namespace <name>", "namespace of the pod", "default");
  addOptions(convert, planOptions);
  convert.action(async (file: string, flags: ConvertFlags) => {
    const { convertFromShell } = await import("./convert-from-shell.ts");
    finish(await convertFromShell(file, flags, readFlags(flags)));
  });
}
