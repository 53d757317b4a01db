import { ProviderError } from "../errors.ts";

/** Who wants to call, and how much it matters. */
export interface Claim {
  readonly namespace: string;
  /** Identity and settings: its first call logs in, and the others wait for that. */
  readonly login: string;
  /** Nothing can be served without this call. */
  readonly urgent: boolean;
  readonly signal: AbortSignal;
}

interface Waiter {
  readonly login: string;
  readonly start: () => void;
  /** Sends it away: others have a better right to wait. */
  readonly refuse: (reason: unknown) => void;
}

/** How much one store can be asked at once. */
export interface BudgetLimits {
  /** Calls under way. */
  readonly calls: number;
  /** Calls that wait. */
  readonly queue: number;
}

/** The share of the places that nobody gets who has one already: calls of one namespace that hang never hold all of them. */
const spareShare = 1 / 8;

/**
 * Bounds the calls under way at one server. Who must wait is served in turns by namespace, so that one that floods waits
 * for itself, and where too many wait it is the one that is refused; calls without which nothing can be served go first.
 * Within a namespace the logins take turns: calls that wait for one and the same login would hold places and do nothing.
 */
export class CallBudget {
  readonly #limits: BudgetLimits;
  readonly #urgent = new FairQueue();
  readonly #others = new FairQueue();
  readonly #runningOf = new Map<string, number>();
  #running = 0;

  constructor(limits: BudgetLimits) {
    this.#limits = limits;
  }

  /** Runs `call` when there is room. Throws `LK0009` where too many wait, and the signal's reason where that comes first. */
  async run<T>(claim: Claim, call: () => Promise<T>): Promise<T> {
    await this.#enter(claim);
    try {
      return await call();
    } finally {
      this.#leave(claim.namespace);
    }
  }

  async #enter(claim: Claim): Promise<void> {
    claim.signal.throwIfAborted();
    if (this.#admits(claim.namespace)) {
      this.#start(claim.namespace);
      return;
    }
    const full = this.#urgent.size + this.#others.size >= this.#limits.queue;
    if (full && !this.#makeRoom(claim)) throw this.#tooMany();
    await this.#wait(claim);
  }

  /** The namespace with most calls waiting gives the newest of them up for one that has fewer. */
  #makeRoom({ namespace }: Claim): boolean {
    for (const queue of [this.#others, this.#urgent]) {
      const fullest = queue.fullest();
      if (fullest === undefined || queue.count(fullest) <= queue.count(namespace) + 1) continue;
      queue.newest(fullest)?.refuse(this.#tooMany());
      return true;
    }
    return false;
  }

  #tooMany(): ProviderError {
    return new ProviderError("LK0009", `${this.#limits.queue} calls are already waiting for this store`, {
      fix: "find out why the store is slow, or raise --store-concurrency; the kubelet retries",
    });
  }

  #admits(namespace: string): boolean {
    const { calls } = this.#limits;
    const spare = this.#runningOf.has(namespace) ? Math.floor(calls * spareShare) : 0;
    return this.#running < calls - spare;
  }

  #start(namespace: string): void {
    this.#running += 1;
    this.#runningOf.set(namespace, (this.#runningOf.get(namespace) ?? 0) + 1);
  }

  #leave(namespace: string): void {
    this.#running -= 1;
    const left = (this.#runningOf.get(namespace) ?? 1) - 1;
    if (left === 0) this.#runningOf.delete(namespace);
    else this.#runningOf.set(namespace, left);
    const admits = (next: string) => this.#admits(next);
    (this.#urgent.take(admits) ?? this.#others.take(admits))?.start();
  }

  #wait({ namespace, login, urgent, signal }: Claim): Promise<void> {
    const queue = urgent ? this.#urgent : this.#others;
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        login,
        start: () => {
          signal.removeEventListener("abort", leave);
          this.#start(namespace);
          resolve();
        },
        refuse: (error) => {
          signal.removeEventListener("abort", leave);
          queue.remove(namespace, waiter);
          reject(error);
        },
      };
      const leave = () => waiter.refuse(signal.reason);
      signal.addEventListener("abort", leave, { once: true });
      queue.add(namespace, waiter);
    });
  }
}

/** First come, first served within a login; the logins of a namespace and the namespaces take turns. */
class FairQueue {
  /** A Map keeps the order of insertion: the first namespace is the next in turn. */
  readonly #byNamespace = new Map<string, LoginTurns>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  count(namespace: string): number {
    return this.#byNamespace.get(namespace)?.size ?? 0;
  }

  /** The namespace that waits with most. */
  fullest(): string | undefined {
    return [...this.#byNamespace.keys()].sort((a, b) => this.count(b) - this.count(a))[0];
  }

  newest(namespace: string): Waiter | undefined {
    return this.#byNamespace.get(namespace)?.newest();
  }

  add(namespace: string, waiter: Waiter): void {
    const waiters = this.#byNamespace.get(namespace) ?? new LoginTurns();
    this.#byNamespace.set(namespace, waiters);
    waiters.add(waiter);
    this.#size += 1;
  }

  remove(namespace: string, waiter: Waiter): void {
    const waiters = this.#byNamespace.get(namespace);
    if (waiters?.remove(waiter) !== true) return;
    this.#size -= 1;
    if (waiters.size === 0) this.#byNamespace.delete(namespace);
  }

  /** Takes the next in turn among the namespaces that are admitted. */
  take(admits: (namespace: string) => boolean): Waiter | undefined {
    for (const [namespace, waiters] of this.#byNamespace) {
      if (!admits(namespace)) continue;
      const waiter = waiters.take();
      this.#size -= 1;
      this.#byNamespace.delete(namespace);
      if (waiters.size > 0) this.#byNamespace.set(namespace, waiters);
      return waiter;
    }
    return undefined;
  }
}

/** The waiting calls of one namespace. */
class LoginTurns {
  readonly #byArrival = new Set<Waiter>();
  readonly #byLogin = new Map<string, Set<Waiter>>();

  get size(): number {
    return this.#byArrival.size;
  }

  newest(): Waiter | undefined {
    return [...this.#byArrival].at(-1);
  }

  add(waiter: Waiter): void {
    this.#byArrival.add(waiter);
    const waiters = this.#byLogin.get(waiter.login);
    if (waiters === undefined) this.#byLogin.set(waiter.login, new Set([waiter]));
    else waiters.add(waiter);
  }

  remove(waiter: Waiter): boolean {
    const waiters = this.#byLogin.get(waiter.login);
    waiters?.delete(waiter);
    if (waiters?.size === 0) this.#byLogin.delete(waiter.login);
    return this.#byArrival.delete(waiter);
  }

  take(): Waiter | undefined {
    const [turn] = this.#byLogin;
    if (turn === undefined) return undefined;
    const [login, waiters] = turn;
    const [waiter] = waiters;
    if (waiter === undefined) return undefined;
    this.remove(waiter);
    if (this.#byLogin.delete(login)) this.#byLogin.set(login, waiters);
    return waiter;
  }
}
