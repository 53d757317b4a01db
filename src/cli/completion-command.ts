import { Argument, type Command } from "commander";
import { print } from "./terminal.ts";

const shells = ["bash", "zsh", "fish"] as const;

/** `latchkey completion`: scripts made of the very commands and options that there are. */
export function addCompletionCommand(program: Command): void {
  program
    .command("completion")
    .description("print the completion script for a shell")
    .addArgument(new Argument("<shell>", "the shell to complete in").choices(shells))
    .action(async (shell: (typeof shells)[number]) => {
      const { completionScript } = await import("./completion.ts");
      await print(completionScript(program, shell));
    });
}
