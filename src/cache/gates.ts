import type { Ask } from "./ask.ts";
import type { BreakerState } from "./breaker.ts";
import { Gate, type GateOptions } from "./gate.ts";
import type { Ledger, LedgerPart } from "./ledger.ts";
import { ServerBudgets } from "./server-budgets.ts";

/** So long the breaker of an endpoint is told of after its last use: nobody asks one whose volumes are gone. */
const toldFor = 600_000;

/** The memory that the gate of an endpoint takes, in bytes, roughly. */
const bytesOfGate = 4_096;

interface Held {
  readonly store: string;
  readonly gate: Gate;
  usedAt: number;
}

/** The gates of all endpoints, made on first use. Endpoints of one server share its budget of calls. */
export class Gates {
  readonly #options: GateOptions;
  readonly #held = new Map<string, Held>();
  readonly #account: LedgerPart;
  readonly #budgets: ServerBudgets;

  /** The ledger says how many are kept while nobody asks. */
  constructor(options: GateOptions, ledger: Ledger) {
    this.#options = options;
    this.#account = ledger.part((endpoint) => this.#held.delete(endpoint));
    this.#budgets = new ServerBudgets(options.budget);
  }

  /** The gate to where an ask goes. */
  of({ servers, about: { namespace, store, place, endpoint } }: Pick<Ask<unknown>, "servers" | "about">): Gate {
    const usedAt = this.#options.clock.now();
    const made = () => new Gate({ ...this.#options, place, room: this.#budgets.of(servers) });
    const known = this.#held.get(endpoint);
    if (known !== undefined) {
      known.usedAt = usedAt;
      this.#held.delete(endpoint);
      this.#held.set(endpoint, known);
      this.#account.use(endpoint);
      return known.gate;
    }
    const held = { store, gate: made(), usedAt };
    this.#held.set(endpoint, held);
    this.#account.hold(namespace, endpoint, bytesOfGate + 2 * place.length);
    return held.gate;
  }

  /** The breakers of the endpoints that somebody wanted to ask in the last ten minutes, the latest first. */
  get breakers(): readonly { readonly store: string; readonly state: BreakerState }[] {
    const since = this.#options.clock.now() - toldFor;
    const lately = [...this.#held.values()].filter(({ usedAt }) => usedAt >= since).reverse();
    return lately.map(({ store, gate }) => ({ store, state: gate.state }));
  }
}
