import type { ChildProcess } from "node:child_process";
import { firstMessage, keepAlive, startRestricted, workerPlace } from "../../sandbox/restricted-process.ts";
import type { TemplateJob, TemplateResult } from "./job.ts";

/** Where the worker's file lies; the bundle says so itself. */
declare const TEMPLATE_WORKER: string | undefined;

const bundled = typeof TEMPLATE_WORKER === "undefined" ? undefined : TEMPLATE_WORKER;

/**
 * The process that renders templates. It is no thread: a thread that fills its heap within one call of the engine takes
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
  }

  /** Starts it, with a heap of 64 MiB. Throws `LK0009` where it does not start. */
  static async start(): Promise<TemplateChild> {
    const place = workerPlace(import.meta.url, "worker.ts", bundled);
    return new TemplateChild(await startRestricted({ place, name: "template process", heapMiB: 64 }));
  }

  /** Whether it can take a job. */
  get isAlive(): boolean {
    return !this.#ended;
  }

  /** Runs a job and returns its result; undefined if none comes within `longest` milliseconds. */
  async run(job: TemplateJob, longest: number): Promise<TemplateResult | undefined> {
    keepAlive(this.#process, true);
    const answer = firstMessage(this.#process, longest);
    this.#process.send(job);
    const result = (await answer) as TemplateResult | undefined;
    keepAlive(this.#process, false);
    return result;
  }

  /** Ends it, whatever it does. */
  end(): void {
    this.#process.kill("SIGKILL");
  }
}
