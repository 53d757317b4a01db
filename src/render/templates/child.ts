import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ProviderError } from "../../errors.ts";
import type { Done, Job } from "./job.ts";
import { processorTimeOf } from "./processor-time.ts";

/** Longest that the process may take to start, in milliseconds: a loaded node reads the library from disk. */
const longestStart = 10_000;

/** A job may wait for others of the node so many times as long as it may work. */
const mostWaiting = 20;

/** Where the worker's file lies beside this one; the bundle says so itself. */
declare const TEMPLATE_WORKER: string | undefined;

/** Its file, and the one directory that it may read: its own code. */
function place(): { readonly file: string; readonly readable: string } {
  if (typeof TEMPLATE_WORKER === "undefined") {
    const from = (path: string) => fileURLToPath(new URL(path, import.meta.url));
    return { file: from("worker.ts"), readable: from("../../../") };
  }
  const file = fileURLToPath(new URL(TEMPLATE_WORKER, import.meta.url));
  return { file, readable: `${dirname(file)}/` };
}

/**
 * The process that renders templates, and reads long texts. It is no thread: a thread that fills its heap within one call of the engine takes
 * the whole process with it (https://nodejs.org/api/worker_threads.html#new-workerfilename-options says that its limits
 * do not cover that), a process only itself.
 */
export class TemplateChild {
  readonly #process: ChildProcess;
  #ended = false;

  private constructor(child: ChildProcess) {
    this.#process = child;
    child.once("exit", () => {
      this.#ended = true;
    });
    // A job that cannot be sent any more: its exit is what tells.
    child.on("error", () => child.kill("SIGKILL"));
  }

  /** Starts it: an empty environment, files of its own code only, no other process, a heap of 64 MiB. Throws `LK0009` where it does not start. */
  static async start(): Promise<TemplateChild> {
    const { file, readable } = place();
    const heap = ["--max-old-space-size=64", "--max-semi-space-size=2"];
    const child = new TemplateChild(
      forked(() =>
        fork(file, {
          env: {},
          execArgv: [...heap, ...restrictions(readable)],
          serialization: "advanced",
          stdio: ["ignore", "ignore", "ignore", "ipc"],
        }),
      ),
    );
    // Without memory or descriptors there is no process, and none that ends either.
    const ready = await first(child.#process, longestStart);
    child.#hold(false);
    if (ready !== undefined && !child.#ended) return child;
    child.end();
    throw notStarted();
  }

  /** Whether it can take a job. */
  get isAlive(): boolean {
    return !this.#ended;
  }

  /** Runs a job. Gives undefined if that takes more than its milliseconds of the processor, or more memory than there is. */
  async run(job: Job): Promise<Done | undefined> {
    this.#hold(true);
    const over = new AbortController();
    const answer = message(this.#process, over.signal);
    const tooLong = this.#worked(job.longest, over.signal);
    this.#process.send(job);
    const done = await Promise.race([answer, tooLong]);
    over.abort();
    this.#hold(false);
    return done;
  }

  /** Ends it, whatever it does. */
  end(): void {
    this.#process.kill("SIGKILL");
  }

  /** Resolves when it has worked for so long, whatever else the node did meanwhile, or has waited for too long to. */
  async #worked(longest: number, signal: AbortSignal): Promise<undefined> {
    const began = performance.now();
    const timeOf = () => processorTimeOf(this.#process.pid ?? 0);
    const before = timeOf();
    let left = longest;
    while (left > 0 && !signal.aborted) {
      // What the kernel tells may be a step behind.
      await sleep(Math.max(left, 10), undefined, { signal, ref: false }).catch(() => undefined);
      const passed = performance.now() - began;
      const now = timeOf();
      const worked = before === undefined || now === undefined ? passed : now - before;
      left = passed < longest * mostWaiting ? longest - worked : 0;
    }
  }

  /** It keeps this process alive only while something is awaited of it. */
  #hold(isAwaited: boolean): void {
    const method = isAwaited ? "ref" : "unref";
    this.#process[method]();
    this.#process.channel?.[method]();
  }
}

/** Some errors come at once, others as an event. */
function forked(start: () => ChildProcess): ChildProcess {
  try {
    return start();
  } catch (thrown) {
    throw notStarted(thrown);
  }
}

function notStarted(cause?: unknown): ProviderError {
  return new ProviderError("LK0009", "the template process does not start", {
    fix: "give Latchkey's container more memory, and check the limits of processes and open files on its node",
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Returns the flags of Node's permissions, if this Node has them: https://nodejs.org/api/permissions.html. */
function restrictions(readable: string): readonly string[] {
  if (!process.allowedNodeEnvironmentFlags.has("--permission")) return [];
  return ["--permission", `--allow-fs-read=${readable}`, "--no-warnings"];
}

/** Its next message; undefined where it ends before, or takes longer. */
async function first(child: ChildProcess, longest: number): Promise<Done | undefined> {
  const over = new AbortController();
  try {
    return await message(child, AbortSignal.any([over.signal, AbortSignal.timeout(longest)]));
  } finally {
    over.abort();
  }
}

/** Its next message; undefined where it ends before, or the signal gives it up. */
async function message(child: ChildProcess, signal: AbortSignal): Promise<Done | undefined> {
  const said = once(child, "message", { signal }).then(([result]) => result);
  const ended = once(child, "exit", { signal }).then(() => undefined);
  // Given up, both fail.
  return await Promise.any([said, ended]).catch(() => undefined);
}
