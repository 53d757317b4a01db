import type { Clock } from "../async/clock.ts";
import { ProviderError } from "../errors.ts";
import { Pending, type Task } from "./pending.ts";

/** Most Secrets that are written at the same time. */
const mostUnderWay = 4;

/** Longest that one try takes, in milliseconds. */
const longestTry = 15_000;

/** Content that waits to be written is held in memory: this much of it. */
const mostBytes = 16 * 1024 ** 2;

/** Everything that a queue needs. */
export interface SecretQueueOptions {
  readonly clock: Clock;
  /** Tries one task. Never rejects. */
  readonly work: (task: Task, signal: AbortSignal) => Promise<void>;
  /** Told of a task that had to make room for others. */
  readonly dropped: (task: Task) => void;
}

/** Tries tasks when their time comes, a few at once, namespaces in turn; all of them wait while it is paused. */
export class SecretQueue {
  readonly #options: SecretQueueOptions;
  readonly #pending = new Pending(mostBytes);
  readonly #underWay = new Map<string, { readonly task: Task; readonly end: Promise<void> }>();
  readonly #ended = new AbortController();
  /** By `Clock.now`. */
  #pausedUntil = 0;
  #cancelTimer: (() => void) | undefined;

  constructor(options: SecretQueueOptions) {
    this.#options = options;
  }

  /** The API is left alone. */
  get isPaused(): boolean {
    return this.#pausedUntil > this.#options.clock.now();
  }

  get isClosed(): boolean {
    return this.#ended.signal.aborted;
  }

  /** Leaves the API alone for so long, in milliseconds. */
  pause(ms: number): void {
    this.#pausedUntil = this.#options.clock.now() + ms;
  }

  /** Adds a task in the place of one that waits for the same Secret. */
  add(task: Task): void {
    const at = Math.max(task.at, this.#pausedUntil);
    for (const dropped of this.#pending.add({ ...task, at })) {
      this.#options.dropped(dropped);
      dropped.trial.resolve();
    }
    this.#pump();
  }

  /** The task that waits for a Secret. */
  waiting(namespace: string, key: string): Task | undefined {
    return this.#pending.get(namespace, key);
  }

  /** The task that waits for a Secret, or else is tried now. */
  task(namespace: string, key: string): Task | undefined {
    return this.waiting(namespace, key) ?? this.#underWay.get(key)?.task;
  }

  /** Gives up what waits, and ends what is under way. */
  async close(): Promise<void> {
    this.#ended.abort(
      new ProviderError("LK0009", "Latchkey is stopping", {
        fix: "none needed: Latchkey writes it when it runs again",
      }),
    );
    this.#cancelTimer?.();
    this.#pending.clear();
    await Promise.all([...this.#underWay.values()].map(({ end }) => end));
  }

  #pump(): void {
    const { clock } = this.#options;
    this.#cancelTimer?.();
    // One time for all questions: what is early now must not be late when the timer is set.
    const now = clock.now();
    while (!this.isClosed && this.#underWay.size < mostUnderWay && this.#pausedUntil <= now) {
      const task = this.#pending.next(now, (key) => this.#underWay.has(key));
      if (task === undefined) break;
      const end = this.#try(task).finally(() => {
        this.#underWay.delete(task.key);
        task.trial.resolve();
        this.#pump();
      });
      this.#underWay.set(task.key, { task, end });
    }
    const earliest = this.#pending.earliest();
    if (earliest === undefined || this.isClosed) return;
    const wait = Math.max(earliest, this.#pausedUntil) - now;
    if (wait > 0) this.#cancelTimer = clock.after(wait, () => this.#pump());
  }

  async #try(task: Task): Promise<void> {
    const late = new AbortController();
    const error = new ProviderError("LK0012", "the Kubernetes API did not answer in time", {
      fix: "check that the API server is up and that Latchkey may reach it",
    });
    const cancel = this.#options.clock.after(longestTry, () => late.abort(error));
    await this.#options.work(task, AbortSignal.any([this.#ended.signal, late.signal])).finally(cancel);
  }
}
