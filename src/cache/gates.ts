import { LRUCache } from "lru-cache";
import type { Ask } from "./ask.ts";
import type { BreakerState } from "./breaker.ts";
import { Gate, type GateOptions } from "./gate.ts";

/** So long the breaker of an endpoint is told of after its last use: nobody asks one whose volumes are gone. */
const toldFor = 600_000;

interface Held {
  readonly store: string;
  readonly gate: Gate;
  usedAt: number;
}

/** The gates of all endpoints, made on first use. */
export class Gates {
  readonly #options: GateOptions;
  readonly #held = new LRUCache<string, Held>({ max: 1_000 });

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** The gate to where an ask goes. */
  of({ endpoint, place, about: { store } }: Pick<Ask<unknown>, "endpoint" | "place" | "about">): Gate {
    const usedAt = this.#options.clock.now();
    const held = this.#held.get(endpoint) ?? { store, gate: new Gate({ ...this.#options, place }), usedAt };
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
