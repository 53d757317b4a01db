import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { ProviderError } from "../errors.ts";

/** Longest that the process may take to start, in milliseconds: a loaded node reads its libraries from disk. */
const longestStart = 10_000;

/** A worker's file, and the one directory that it may read: its own code. */
export interface WorkerPlace {
  readonly file: string;
  readonly readable: string;
}

/** A worker, and what it may have. */
export interface Restricted {
  readonly place: WorkerPlace;
  /** For errors: `template process`. */
  readonly name: string;
  readonly heapMiB: number;
  /** It may open connections, where Node can forbid them at all. */
  readonly network?: true;
  readonly args?: readonly string[];
}

/** Finds a worker's file: beside `from` in the sources, where the bundle says in the bundle. */
export function workerPlace(from: string, beside: string, bundled: string | undefined): WorkerPlace {
  if (bundled === undefined) {
    const pathOf = (path: string) => fileURLToPath(new URL(path, from));
    return { file: pathOf(beside), readable: pathOf("../../../") };
  }
  const file = fileURLToPath(new URL(bundled, from));
  return { file, readable: `${dirname(file)}/` };
}

/**
 * Starts a worker: an empty environment, files of its own code only, no other process, a bounded heap. It has said that it is
 * ready. Throws `LK0009` where it does not start.
 */
export async function startRestricted({ place, name, heapMiB, network, args = [] }: Restricted): Promise<ChildProcess> {
  const heap = [`--max-old-space-size=${heapMiB}`, "--max-semi-space-size=2"];
  const child = forked(name, () =>
    fork(place.file, args, {
      env: {},
      execArgv: [...heap, ...restrictions(place.readable, network === true)],
      serialization: "advanced",
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    }),
  );
  // What cannot be sent any more: its exit is what tells.
  child.on("error", () => child.kill("SIGKILL"));
  let ended = false;
  child.once("exit", () => {
    ended = true;
  });
  // Without memory or descriptors there is no process, and none that ends either.
  const ready = await firstMessage(child, longestStart);
  keepAlive(child, false);
  if (ready !== undefined && !ended) return child;
  child.kill("SIGKILL");
  throw notStarted(name);
}

/** Has a child keep this process alive only while something is awaited of it. */
export function keepAlive(child: ChildProcess, isAwaited: boolean): void {
  const method = isAwaited ? "ref" : "unref";
  child[method]();
  child.channel?.[method]();
}

/** The child's next message; undefined where it ends before, or takes longer. */
async function firstMessage(child: ChildProcess, longest: number): Promise<unknown> {
  const over = new AbortController();
  try {
    return await nextMessage(child, AbortSignal.any([over.signal, AbortSignal.timeout(longest)]));
  } finally {
    over.abort();
  }
}

/** The child's next message; undefined where it ends before, or the signal gives it up. */
export async function nextMessage(child: ChildProcess, signal: AbortSignal): Promise<unknown> {
  const message = once(child, "message", { signal }).then(([result]) => result);
  const ended = once(child, "exit", { signal }).then(() => undefined);
  // Given up, both fail.
  return await Promise.any([message, ended]).catch(() => undefined);
}

/** Some errors come at once, others as an event. */
function forked(name: string, start: () => ChildProcess): ChildProcess {
  try {
    return start();
  } catch (thrown) {
    throw notStarted(name, thrown);
  }
}

function notStarted(name: string, cause?: unknown): ProviderError {
  return new ProviderError("LK0009", `the ${name} does not start`, {
    fix: "give Latchkey's container more memory, and check the limits of processes and open files on its node",
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Returns the flags of Node's permissions, if this Node has them: https://nodejs.org/api/permissions.html. */
function restrictions(readable: string, network: boolean): readonly string[] {
  if (!process.allowedNodeEnvironmentFlags.has("--permission")) return [];
  const net = network && process.allowedNodeEnvironmentFlags.has("--allow-net") ? ["--allow-net"] : [];
  return ["--permission", `--allow-fs-read=${readable}`, ...net, "--no-warnings"];
}
