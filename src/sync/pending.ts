import type { DesiredSecret } from "./desired-secret.ts";
import type { Offer } from "./offer.ts";

/** One Kubernetes Secret that is to be written. */
export interface Task {
  /** The key that it is remembered by. */
  readonly key: string;
  readonly desired: DesiredSecret;
  readonly offer: Omit<Offer, "secrets">;
  /** How often it was tried. */
  readonly tries: number;
  /** Its class must have been read then or later, by `Clock.now`. */
  readonly since: number;
  /** It is known to be there, if its class is still the same: that alone is looked at. */
  readonly isKnown: boolean;
  /** Not before this, by `Clock.now`. */
  readonly at: number;
  /** Ends with the next try. */
  readonly trial: PromiseWithResolvers<void>;
}

/** The memory that a task takes besides its content, and that each of its sources takes, roughly, in bytes. */
const overhead = { task: 2_048, source: 256 };

/** The waiting tasks of one namespace. */
interface Share {
  readonly tasks: Map<string, Task>;
  bytes: number;
  /** How many of its tasks were taken lately, against those of the others. */
  taken: number;
}

/**
 * Holds what waits to be written: the newest content for each Secret, within a limit of bytes in memory that namespaces
 * share fairly.
 */
export class Pending {
  readonly #shares = new Map<string, Share>();
  readonly #mostBytes: number;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** Everything that waits. */
  get all(): readonly Task[] {
    return [...this.#shares.values()].flatMap(({ tasks }) => [...tasks.values()]);
  }

  /** Holds a task, in the place of an older one; gives those that had to make room, from the namespace that holds most. */
  add(task: Task): readonly Task[] {
    this.take(task)?.trial.resolve();
    const { namespace } = task.desired;
    const share = this.#shares.get(namespace) ?? { tasks: new Map(), bytes: 0, taken: this.#leastTaken() };
    this.#shares.set(namespace, share);
    share.tasks.set(task.key, task);
    share.bytes += weightOf(task);
    const dropped: Task[] = [];
    while ([...this.#shares.values()].reduce((sum, { bytes }) => sum + bytes, 0) > this.#mostBytes) {
      const [largest] = [...this.#shares.values()].sort((a, b) => b.bytes - a.bytes);
      const [oldest] = largest?.tasks.values() ?? [];
      if (oldest === undefined) break;
      this.take(oldest);
      dropped.push(oldest);
    }
    return dropped;
  }

  /** Takes a task out, or the one that stands in its place. */
  take({ key, desired }: Pick<Task, "key" | "desired">): Task | undefined {
    const share = this.#shares.get(desired.namespace);
    const task = share?.tasks.get(key);
    if (share === undefined || task === undefined) return undefined;
    share.tasks.delete(key);
    share.bytes -= weightOf(task);
    if (share.tasks.size === 0) this.#shares.delete(desired.namespace);
    return task;
  }

  /** The task of a key in a namespace. */
  get(namespace: string, key: string): Task | undefined {
    return this.#shares.get(namespace)?.tasks.get(key);
  }

  /** Takes out one whose time has come and for which nothing is under way; namespaces take turns. */
  next(now: number, isUnderWay: (key: string) => boolean): Task | undefined {
    for (const share of [...this.#shares.values()].sort((a, b) => a.taken - b.taken)) {
      for (const task of share.tasks.values()) {
        if (task.at > now || isUnderWay(task.key)) continue;
        share.taken += 1;
        return this.take(task);
      }
    }
    return undefined;
  }

  /** When the first of them is to be tried; undefined if nothing waits. */
  earliest(): number | undefined {
    let earliest: number | undefined;
    for (const { tasks } of this.#shares.values()) {
      for (const { at } of tasks.values()) earliest = Math.min(at, earliest ?? at);
    }
    return earliest;
  }

  /** Gives up all of them. */
  clear(): void {
    const { all } = this;
    this.#shares.clear();
    for (const task of all) task.trial.resolve();
  }

  /** Who comes new is no further behind, and no further ahead, than who had the fewest turns. */
  #leastTaken(): number {
    const all = [...this.#shares.values()].map(({ taken }) => taken);
    return all.length === 0 ? 0 : Math.min(...all);
  }
}

function weightOf({ desired }: Task): number {
  return desired.bytes + overhead.task + desired.sources.length * overhead.source;
}
