import type { ChildProcess } from "node:child_process";
import { keepAlive, startRestricted, workerPlace } from "../sandbox/restricted-process.ts";
import type { VerifyJob, VerifyResult } from "./job.ts";

/** Where the worker's file lies; the bundle says so itself. */
declare const VERIFY_WORKER: string | undefined;

const bundled = typeof VERIFY_WORKER === "undefined" ? undefined : VERIFY_WORKER;

/** Heap of the process: clients are small, and what a target sends is not in it. */
const heapMiB = 64;

/** So long after a job's own time the process counts as stuck, in milliseconds. */
const grace = 1_000;

/** The process that tries credentials, several at once. */
export class VerifyChild {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, (result: VerifyResult | undefined) => void>();
  #ended = false;

  private constructor(child: ChildProcess) {
    this.#process = child;
    child.on("message", (result: VerifyResult) => this.#waiting.get(result.id)?.(result));
    child.once("exit", () => {
      this.#ended = true;
      for (const settle of this.#waiting.values()) settle(undefined);
    });
  }

  /** Starts it. Throws `LK0009` where it does not start. */
  static async start(mostBytes: number): Promise<VerifyChild> {
    const place = workerPlace(import.meta.url, "worker.ts", bundled);
    const name = "process that tries credentials";
    return new VerifyChild(await startRestricted({ place, name, heapMiB, network: true, args: [String(mostBytes)] }));
  }

  /** Whether it can take a job. */
  get isAlive(): boolean {
    return !this.#ended;
  }

  /** Runs a job; undefined where the process ended, which it does as well if it is stuck. */
  async run(job: VerifyJob): Promise<VerifyResult | undefined> {
    const { promise, resolve } = Promise.withResolvers<VerifyResult | undefined>();
    const timer = setTimeout(() => this.end(), job.longest + grace);
    this.#waiting.set(job.id, resolve);
    keepAlive(this.#process, true);
    if (this.#ended) resolve(undefined);
    else this.#process.send(job);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(job.id);
      if (this.#waiting.size === 0) keepAlive(this.#process, false);
    }
  }

  /** Ends it, whatever it does. */
  end(): void {
    this.#process.kill("SIGKILL");
  }
}
