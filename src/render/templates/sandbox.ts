import { systemClock } from "../../async/clock.ts";
import { ProviderError } from "../../errors.ts";
import { TemplateChild } from "./child.ts";
import type { Done, Job, ReadJob, ReadResult, TemplateJob } from "./job.ts";
import { TemplateTurns } from "./turns.ts";

/** How long the process waits for another template, in milliseconds: it takes about 45 MiB. */
const longestIdle = 60_000;

/** Reading may take so many times as long as a template: the longest YAML that is read takes a third of it on a slow node. */
const readingTimes = 2;

/** Who wants a template rendered. */
interface Asker {
  readonly namespace: string;
  /** Tells what the secret of a name is called in its store, for errors. */
  readonly placeOf?: (name: string) => string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Renders templates in one process, started with the first of them. One that takes too long or too much memory is ended
 * together with the process, and the next one gets another. The namespace that has used the process least goes first.
 */
export class TemplateSandbox {
  readonly #turns: TemplateTurns;
  #child: TemplateChild | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(clock = systemClock) {
    this.#turns = new TemplateTurns(clock);
  }

  /** The rendered text. Throws `LK0040` for a template that cannot be rendered, `LK0043` for one that takes too much. */
  async render(job: Omit<TemplateJob, "kind">, { namespace, placeOf, signal }: Asker): Promise<string> {
    const result = await this.#inTurn({ ...job, kind: "render" }, namespace, signal);
    if (result === undefined) throw tooMuch();
    if ("text" in result) return result.text;
    if (!("problem" in result)) throw new Error("the process has rendered nothing");
    const { problem, missing } = result;
    const place = missing === undefined ? undefined : placeOf?.(missing.name);
    const where = place === undefined ? "" : ` (${missing?.name} is ${place})`;
    const first = missing?.near === undefined ? "correct the template, or the secret" : `did you mean ${missing.near}?`;
    throw new ProviderError("LK0040", `the template cannot be rendered: ${problem}${where}`, {
      fix: `${first}; a value that may be missing needs a default: {{ name | default: '' }}`,
    });
  }

  /** Reads long texts of a SecretProviderClass. Throws `LK0043` for what takes too much. */
  async read(job: ReadJob, namespace: string): Promise<ReadResult> {
    const result = await this.#inTurn(job, namespace, new AbortController().signal);
    if (result === undefined) throw tooMuchToRead();
    if ("yaml" in result || "templates" in result) return result;
    throw new Error("the process has read nothing");
  }

  /** Ends the process. */
  close(): void {
    clearTimeout(this.#idle);
    this.#child?.end();
    this.#child = undefined;
  }

  #inTurn(job: TemplateJob | ReadJob, namespace: string, signal: AbortSignal): Promise<Done["result"] | undefined> {
    const times = job.kind === "render" ? 1 : readingTimes;
    return this.#turns.run(namespace, signal, (longest) => this.#run({ ...job, longest: longest * times }));
  }

  /** Its result is undefined if it took too much. A start of the process is nobody's time. */
  async #run(job: Job): Promise<{ readonly result: Done["result"] | undefined; readonly ms: number }> {
    clearTimeout(this.#idle);
    const child = this.#child?.isAlive ? this.#child : await TemplateChild.start();
    this.#child = child;
    const done = await child.run(job);
    if (done === undefined) this.close();
    else this.#idle = setTimeout(() => this.close(), longestIdle).unref();
    return done ?? { result: undefined, ms: job.longest };
  }
}

function tooMuch(): ProviderError {
  return new ProviderError("LK0043", "the template takes too much time or memory", {
    fix: "write a template that does not multiply its values",
  });
}

function tooMuchToRead(): ProviderError {
  return new ProviderError("LK0043", "the SecretProviderClass takes too much time or memory to read", {
    fix: "split it into several SecretProviderClasses, or list fewer objects and shorter templates",
  });
}
