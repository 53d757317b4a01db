import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { bundle } from "../bundle.ts";

/** The bundle as a process of its own. */
export interface Latchkey {
  readonly pid: number;
  /** Everything that it wrote so far, both streams. */
  output(): string;
  /** Waits until the output matches. Throws with the output where the process ends before. */
  until(pattern: RegExp): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** Settles with the exit code when it has ended, null where a signal ended it. */
  readonly ended: Promise<number | null>;
  /** Ends it where it still runs. */
  stop(): Promise<void>;
}

/** Options of a run. */
export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Options for Node itself. */
  readonly node?: readonly string[];
}

/** Runs `latchkey` with the arguments, and nothing in its environment but `env`. */
export function runLatchkey(args: readonly string[], options: RunOptions = {}): Latchkey {
  const child = spawn(process.execPath, [...(options.node ?? []), bundle, ...args], {
    env: { ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const ended = once(child, "close").then(([code]) => code as number | null);
  return {
    pid: child.pid ?? 0,
    output: () => output,
    until: (pattern) => waitFor(child, () => output, pattern),
    signal: (name) => child.kill(name),
    ended,
    stop: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Runs to the end. */
export async function runToEnd(
  args: readonly string[],
  options?: RunOptions,
): Promise<{ code: number | null; output: string }> {
  const latchkey = runLatchkey(args, options);
  const code = await latchkey.ended;
  return { code, output: latchkey.output() };
}

async function waitFor(child: ChildProcess, output: () => string, pattern: RegExp): Promise<void> {
  while (!pattern.test(output())) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`latchkey ended: ${output()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
