import { type BudgetLimits, CallBudget, type Claim } from "./call-budget.ts";

/** Runs a call when there is room for it. Throws as `CallBudget.run` does. */
export interface CallRoom {
  run<T>(claim: Claim, call: () => Promise<T>): Promise<T>;
}

/** One budget of calls for each server, whatever the settings under which it is asked; kept while it is used. */
export class ServerBudgets {
  readonly #limits: BudgetLimits;
  readonly #used = new Map<string, { readonly budget: CallBudget; users: number }>();

  constructor(limits: BudgetLimits) {
    this.#limits = limits;
  }

  /** How many servers are being asked, or waited for. */
  get size(): number {
    return this.#used.size;
  }

  /**
   * The room of calls that may go to any of `servers`: they need a place at each. Places are taken in one order for all, so that
   * no two calls wait for each other.
   */
  of(servers: readonly string[]): CallRoom {
    const sorted = [...new Set(servers)].sort();
    return { run: (claim, call) => this.#runAt(sorted, claim, call) };
  }

  async #runAt<T>(servers: readonly string[], claim: Claim, call: () => Promise<T>): Promise<T> {
    const [server, ...others] = servers;
    if (server === undefined) return await call();
    const used = this.#used.get(server) ?? { budget: new CallBudget(this.#limits), users: 0 };
    this.#used.set(server, used);
    used.users += 1;
    try {
      return await used.budget.run(claim, () => this.#runAt(others, claim, call));
    } finally {
      used.users -= 1;
      if (used.users === 0) this.#used.delete(server);
    }
  }
}
