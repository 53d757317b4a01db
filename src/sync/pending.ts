import type { Offer } from "./contract.ts";
import type { DesiredSecret } from "./desired-secret.ts";

/** One Kubernetes Secret that is to be written. */
export interface Task {
  /** What it is remembered by. */
  readonly key: string;
  readonly desired: DesiredSecret;
  readonly offer: Omit<Offer, "secrets">;
  /** How often it was tried. */
  readonly tries: number;
  /** Not before this, by `Clock.now`. */
  readonly at: number;
  /** Called after the next try. */
  readonly tried: () => void;
}

/** Content that waits to be written is held in memory: this much of it. */
const mostBytes = 16 * 1024 ** 2;

/** What waits to be written: the newest content for each Secret, within bounds. */
export class Pending {
  readonly #tasks = new Map<string, Task>();
  #bytes = 0;

  /** Holds a task, in the place of an older one; gives those that had to make room. */
  add(task: Task): readonly Task[] {
    this.take(task.key)?.tried();
    this.#tasks.set(task.key, task);
    this.#bytes += task.desired.bytes;
    const dropped: Task[] = [];
    for (const oldest of this.#tasks.values()) {
      if (this.#bytes <= mostBytes || oldest === task) break;
      dropped.push(oldest);
      this.take(oldest.key);
    }
    return dropped;
  }

  /** Takes the task of a key out. */
  take(key: string): Task | undefined {
    const task = this.#tasks.get(key);
    if (task === undefined) return undefined;
    this.#tasks.delete(key);
    this.#bytes -= task.desired.bytes;
    return task;
  }

  /** The task of a key. */
  get(key: string): Task | undefined {
    return this.#tasks.get(key);
  }

  /** Takes out the first one whose time has come and for which nothing is under way. */
  next(now: number, isUnderWay: (key: string) => boolean): Task | undefined {
    for (const task of this.#tasks.values()) if (task.at <= now && !isUnderWay(task.key)) return this.take(task.key);
    return undefined;
  }

  /** When the first of them is to be tried; undefined where nothing waits. */
  earliest(): number | undefined {
    return this.#tasks.size === 0 ? undefined : Math.min(...[...this.#tasks.values()].map(({ at }) => at));
  }

  /** Gives up all of them. */
  clear(): void {
    for (const task of [...this.#tasks.values()]) this.take(task.key)?.tried();
  }
}
