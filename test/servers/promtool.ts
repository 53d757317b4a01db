import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { ensureGoTool, type GoToolOptions } from "./go-tool.ts";

/** How a run of promtool ended. */
interface PromtoolRun {
  readonly code: number | null;
  /** Both streams. */
  readonly output: string;
}

/** Prometheus's own judge of rules and metrics. */
export interface Promtool {
  run(args: readonly string[], input?: string): Promise<PromtoolRun>;
}

/** Promtool, made on first use in about two minutes: without the service discoveries, which are most of it. */
export async function ensurePromtool(options: GoToolOptions = {}): Promise<Promtool> {
  const program = await ensureGoTool(
    {
      name: "promtool",
      package: "github.com/prometheus/prometheus/cmd/promtool",
      version: "v0.316.0",
      go: "1.26.7",
      tags: ["remove_all_sd"],
    },
    options,
  );
  return {
    async run(args, input = "") {
      const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
      child.stdin.end(input);
      const [[code], ...texts] = await Promise.all([once(child, "close"), text(child.stdout), text(child.stderr)]);
      return { code, output: texts.join("") };
    },
  };
}
