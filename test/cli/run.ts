import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { bundle } from "../bundle.ts";

/** A command's exit code, and all that it wrote. */
export interface Answer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program as a shell does, in `cwd`, with nothing in its environment but `env`. */
export async function run(
  args: readonly string[],
  {
    input = "",
    env = {},
    cwd,
  }: { readonly input?: string; readonly env?: NodeJS.ProcessEnv; readonly cwd?: string } = {},
): Promise<Answer> {
  const child = spawn(process.execPath, [bundle, ...args], { env, cwd, stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.end(input);
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.once("close", resolve);
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), promise]);
  return { code, stdout, stderr };
}
