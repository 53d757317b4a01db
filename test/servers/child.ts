import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";

const KEPT_OUTPUT = 64 * 1024;

/** A program to run, and how to see that it is ready. */
export interface ChildOptions {
  /** For error messages. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Matched against all output so far; the child is ready when it matches. */
  readonly ready: RegExp;
  readonly startTimeoutMs?: number;
  /** Asks it to end; default `SIGTERM`. */
  readonly stopSignal?: NodeJS.Signals;
  /** Runs it as another user. */
  readonly uid?: number;
  readonly gid?: number;
}

/** A running child process. */
export interface Child {
  readonly pid: number;
  /** The match of `ready`. */
  readonly ready: RegExpExecArray;
  /** The last 64 KiB that it wrote, both streams together. */
  output(): string;
  /** Asks it to end, makes it end after 5 s, and waits until it has. */
  stop(): Promise<void>;
}

/** Runs a program to its end. Throws where it fails. */
export async function runChild(options: Pick<ChildOptions, "command" | "args" | "uid" | "gid">): Promise<void> {
  const { command, args, ...user } = options;
  await promisify(execFile)(command, args, { env: { PATH: process.env.PATH ?? "" }, cwd: "/", ...user });
}

/** Starts a program and waits until its output says that it is ready. Throws with its output where it ends before or takes too long. */
export async function startChild(options: ChildOptions): Promise<Child> {
  const env = { PATH: process.env.PATH ?? "", ...options.env };
  const { command, args, uid, gid, stopSignal = "SIGTERM" } = options;
  const user = { ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }) };
  const child = spawn(command, args, { env, ...user, stdio: ["ignore", "pipe", "pipe"] });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  child.once("close", () => process.removeListener("exit", kill));
  const output = collect(child);
  try {
    const ready = await waitForOutput(child, options, output);
    return { pid: child.pid ?? 0, ready, output, stop: () => stop(child, stopSignal) };
  } catch (error) {
    await stop(child, stopSignal);
    throw error;
  }
}

function collect(child: ChildProcess): () => string {
  let text = "";
  const add = (chunk: Buffer) => {
    text = (text + chunk.toString("utf8")).slice(-KEPT_OUTPUT);
  };
  child.stdout?.on("data", add);
  child.stderr?.on("data", add);
  return () => text;
}

async function waitForOutput(
  child: ChildProcess,
  options: ChildOptions,
  output: () => string,
): Promise<RegExpExecArray> {
  const { name, ready, startTimeoutMs = 30_000 } = options;
  const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>();
  const fail = (what: string) => reject(new Error(`${name} ${what}\n${output().slice(-4096)}`));
  const look = () => {
    const match = ready.exec(output());
    if (match !== null) resolve(match);
  };
  child.stdout?.on("data", look);
  child.stderr?.on("data", look);
  child.once("error", (error) => fail(`cannot be started: ${error.message}`));
  child.once("close", (code, signal) => fail(`ended before it was ready (${signal ?? `exit ${code}`})`));
  const timer = setTimeout(() => fail(`was not ready after ${startTimeoutMs} ms`), startTimeoutMs);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    child.stdout?.removeListener("data", look);
    child.stderr?.removeListener("data", look);
  }
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, "close");
  child.kill(signal);
  const force = setTimeout(() => child.kill("SIGKILL"), 5_000);
  await closed;
  clearTimeout(force);
}
