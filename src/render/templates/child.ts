import type { ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { keepAlive, nextMessage, startRestricted, workerPlace } from "../../sandbox/restricted-process.ts";
import type { Done, Job } from "./job.ts";
import { processorTimeOf } from "./processor-time.ts";

/** A job may wait for others of the node so many times as long as it may work. */
const mostWaiting = 20;

/** Where the worker's file lies; the bundle says so itself. */
declare const TEMPLATE_WORKER: string | undefined;

const bundled = typeof TEMPLATE_WORKER === "undefined" ? undefined : TEMPLATE_WORKER;

/**
 * The process that renders templates, and reads long texts. It is no thread: a thread that fills its heap within one call of
 * the engine takes the whole process with it (https://nodejs.org/api/worker_threads.html#new-workerfilename-options says
 * that its limits do not cover that), a process only itself.
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

  /** Runs a job. Gives undefined if that takes more than its milliseconds of the processor, or more memory than there is. */
  async run(job: Job): Promise<Done | undefined> {
    keepAlive(this.#process, true);
    const over = new AbortController();
    const answer = nextMessage(this.#process, over.signal) as Promise<Done | undefined>;
    const tooLong = this.#worked(job.longest, over.signal);
    this.#process.send(job);
    const done = await Promise.race([answer, tooLong]);
    over.abort();
    keepAlive(this.#process, false);
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
}
