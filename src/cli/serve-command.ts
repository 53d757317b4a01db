import type { Command } from "commander";
import { loadConfig } from "../node/load-config.ts";
import type { Finish } from "./finish.ts";
import { addOptions, readFlags } from "./option-flags.ts";

/** `latchkey serve`. */
export function addServeCommand(program: Command, finish: Finish, version: string): void {
  const serve = program.command("serve").description("serve the CSI driver on one socket per dialect");
  addOptions(serve);
  serve.action(async (flags: Readonly<Record<string, unknown>>) => {
    const config = await loadConfig({ flags: readFlags(flags) });
    const { serveUntilStopped } = await import("../node/serve-until-stopped.ts");
    finish(await serveUntilStopped(config, version));
  });
}
