import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { CallBudget } from "../../cache/call-budget.ts";
import { ProviderError } from "../../errors.ts";
import type { TemplateJob, TemplateResult } from "./job.ts";

/** Longest that one template may take, in milliseconds. */
const longestJob = 500;

/** Longest that the worker may take to start, in milliseconds: a loaded node reads the library from disk. */
const longestStart = 10_000;

/** Memory of the worker's heap, in MiB. */
const heap = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8 };

/** Where the worker's file lies beside this one; the bundle says so itself. */
declare const TEMPLATE_WORKER: string | undefined;
const workerFile = () =>
  new URL(typeof TEMPLATE_WORKER === "undefined" ? "./worker.ts" : TEMPLATE_WORKER, import.meta.url);

/** Who wants a template rendered. */
interface Asker {
  readonly namespace: string;
  readonly signal: AbortSignal;
}

/**
 * Renders templates in one worker, started with the first of them. One that takes too long or too much memory is ended
 * together with the worker, and the next one gets another. Namespaces take turns, so that one's waits for nobody's but
 * its own.
 */
export class TemplateSandbox {
  readonly #turns = new CallBudget({ calls: 1, queue: 10_000 });
  #worker: Promise<Worker> | undefined;
  #jobs = 0;

  /** The rendered text. Throws `LK0040` for a template that cannot be rendered, `LK0043` for one that takes too much. */
  async render(job: Omit<TemplateJob, "id">, { namespace, signal }: Asker): Promise<string> {
    const claim = { namespace, login: "", urgent: true, signal };
    const result = await this.#turns.run(claim, () => this.#run({ ...job, id: this.#nextId() }));
    if ("text" in result) return result.text;
    throw new ProviderError("LK0040", `the template cannot be rendered: ${result.problem}`, {
      fix: "correct the template, or the secret; a value that may be missing needs a default: {{ name | default: '' }}",
    });
  }

  /** Ends the worker. */
  async close(): Promise<void> {
    const worker = await this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  async #run(job: TemplateJob): Promise<TemplateResult> {
    this.#worker ??= startWorker();
    try {
      return await answerOf(await this.#worker, job);
    } catch (thrown) {
      const worker = this.#worker;
      this.#worker = undefined;
      void worker.then((ended) => ended.terminate()).catch(() => undefined);
      throw thrown;
    }
  }

  #nextId(): number {
    this.#jobs += 1;
    return this.#jobs;
  }
}

async function answerOf(worker: Worker, job: TemplateJob): Promise<TemplateResult> {
  const limit = AbortSignal.timeout(longestJob);
  const exited = once(worker, "exit", { signal: limit });
  const answered = once(worker, "message", { signal: limit });
  worker.postMessage(job);
  const [answer] = await Promise.race([answered, exited.then(() => [])]).catch(() => []);
  // Whichever of the two did not come ends with the time.
  exited.catch(() => undefined);
  answered.catch(() => undefined);
  if (answer === undefined) throw tooMuch();
  return answer;
}

/** A worker that waits for jobs. Its environment is empty: a template has nothing to look for there. */
async function startWorker(): Promise<Worker> {
  const worker = new Worker(workerFile(), { resourceLimits: heap, env: {}, execArgv: [] });
  // It is not what keeps the process alive.
  worker.unref();
  await once(worker, "message", { signal: AbortSignal.timeout(longestStart) });
  // Out of memory is told here; whoever waits hears of the exit that comes with it.
  worker.on("error", () => undefined);
  return worker;
}

function tooMuch(): ProviderError {
  return new ProviderError("LK0043", "the template takes too much time or memory", {
    fix: "write a template that does not multiply its values",
  });
}
