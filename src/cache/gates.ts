import { LRUCache } from "lru-cache";
import type { Ask } from "./ask.ts";
import type { BreakerState } from "./breaker.ts";
import { Gate, type GateOptions } from "./gate.ts";
import { ServerBudgets } from "./server-budgets.ts";

/** So long the breaker of an endpoint is told of after its last use: nobody asks one whose volumes are gone. */
const toldFor = 600_000;

interface Held {
  readonly store: string;
  readonly gate: Gate;
  usedAt: number;
}

/** The gates of all endpoints, made on first use. Endpoints of one server share its budget of calls. */
export class Gates {
  readonly #options: GateOptions;
  readonly #held = new LRUCache<string, Held>({ max: 1_000 });

  readonly #budgets: ServerBudgets;

  constructor(options: GateOptions) {
    this.#options = options;
    this.#budgets = new ServerBudgets(options.budget);
  }

  /** The gate to where an ask goes. */
  of({ servers, about: { store, place, endpoint } }: Pick<Ask<unknown>, "servers" | "about">): Gate {
    const usedAt = this.#options.clock.now();
    const made = () => new Gate({ ...this.#options, place, room: this.#budgets.of(servers) });
    const held = this.#held.get(endpoint) ?? { store, gate: made(), usedAt };
    held.usedAt = usedAt;
    this.#held.set(endpoint, held);
    return held.gate;
  }

  /** The breakers of the endpoints that somebody wanted to ask in the last ten minutes. */
  get breakers(): readonly { readonly store: string; readonly state: BreakerState }[] {
    const since = this.#options.clock.now() - toldFor;
    const lately = [...this.#held.values()].filter(({ usedAt }) => usedAt >= since);
    return lately.map(({ store, gate }) => ({ store, state: gate.state }));
  }
}
