import { LRUCache } from "lru-cache";
import type { Clock } from "../../async/clock.ts";
import { ProviderError } from "../../errors.ts";

/** Longest that one template may take, in milliseconds of the processor: usually, and for a namespace that has had its part lately. */
export const longestJob = { usual: 500, after: 50 };

/** A namespace's part: so many milliseconds at once, and a tenth of all time. */
const part = { ms: 1_000, perMs: 0.1 };

/** Most templates that wait, and most namespaces that are remembered: more than a node has pods. */
const most = { waiting: 10_000, namespaces: 1_000 };

/** One template's work: its result, and the processor time that it took, in milliseconds; how busy the node is says nothing of it. */
interface Done<T> {
  readonly result: T;
  readonly ms: number;
}

interface Waiter {
  readonly start: () => void;
  readonly refuse: (reason: unknown) => void;
}

/**
 * Lets one template at a time into the process. The namespace whose templates took least time lately goes first, and first come,
 * first served within it. One that has had its part may have its next templates, but only short ones.
 */
export class TemplateTurns {
  readonly #clock: Clock;
  readonly #spent = new LRUCache<string, { readonly ms: number; readonly at: number }>({ max: most.namespaces });
  /** A Map keeps the order of insertion: of namespaces that took as much, the one that waits longest goes first. */
  readonly #waiting = new Map<string, Set<Waiter>>();
  #count = 0;
  #isBusy = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Runs `job` in its turn, for `longest` milliseconds at most. Throws `LK0009` if too many wait, or the signal's reason. */
  async run<T>(namespace: string, signal: AbortSignal, job: (longest: number) => Promise<Done<T>>): Promise<T> {
    signal.throwIfAborted();
    if (this.#isBusy) await this.#wait(namespace, signal);
    this.#isBusy = true;
    try {
      const { result, ms } = await job(this.#spentOf(namespace) < part.ms ? longestJob.usual : longestJob.after);
      this.#spent.set(namespace, { ms: this.#spentOf(namespace) + ms, at: this.#clock.now() });
      return result;
    } finally {
      this.#isBusy = false;
      this.#next()?.start();
    }
  }

  #spentOf(namespace: string): number {
    const spent = this.#spent.get(namespace);
    return spent === undefined ? 0 : Math.max(0, spent.ms - (this.#clock.now() - spent.at) * part.perMs);
  }

  #next(): Waiter | undefined {
    let [next, least]: [Waiter | undefined, number] = [undefined, Number.POSITIVE_INFINITY];
    for (const [namespace, [oldest]] of this.#waiting) {
      const spent = this.#spentOf(namespace);
      if (spent < least) [next, least] = [oldest, spent];
    }
    return next;
  }

  #wait(namespace: string, signal: AbortSignal): Promise<void> {
    if (this.#count >= most.waiting) this.#makeRoom(namespace);
    return new Promise((resolve, reject) => {
      const leave = () => waiter.refuse(signal.reason);
      const end = () => {
        signal.removeEventListener("abort", leave);
        this.#remove(namespace, waiter);
      };
      const waiter: Waiter = {
        start: () => {
          end();
          // Taken here, for others may ask before the one that waited goes on.
          this.#isBusy = true;
          resolve();
        },
        refuse: (reason) => {
          end();
          reject(reason);
        },
      };
      signal.addEventListener("abort", leave, { once: true });
      this.#count += 1;
      const waiters = this.#waiting.get(namespace);
      if (waiters === undefined) this.#waiting.set(namespace, new Set([waiter]));
      else waiters.add(waiter);
    });
  }

  #remove(namespace: string, waiter: Waiter): void {
    const waiters = this.#waiting.get(namespace);
    if (waiters?.delete(waiter) !== true) return;
    this.#count -= 1;
    this.#waiting.delete(namespace);
    // Behind the others that took as much.
    if (waiters.size > 0) this.#waiting.set(namespace, waiters);
  }

  /** The namespace that waits with most gives up its newest. Throws `LK0009` if that is the asker's. */
  #makeRoom(namespace: string): void {
    const [fullest, waiters] = [...this.#waiting].reduce((one, other) => (other[1].size > one[1].size ? other : one));
    if (fullest === namespace) throw tooMany();
    [...waiters].at(-1)?.refuse(tooMany());
  }
}

function tooMany(): ProviderError {
  return new ProviderError("LK0009", `${most.waiting} templates are already waiting to be rendered`, {
    fix: "none needed: the kubelet retries; if it lasts, use fewer templates in this namespace",
  });
}
