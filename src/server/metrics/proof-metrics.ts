import { Counter, Gauge, type Registry } from "prom-client";
import type { KeysState } from "../../kubernetes/token-keys.ts";
import type { EndedMount } from "../../metrics.ts";
import { unprovedCauses } from "../../mount/unproved.ts";

/** Metrics of what proves identities: the cluster's keys, and tokens that prove nobody. */
export class ProofMetrics {
  readonly #unproved: Counter;
  #inARow = 0;

  constructor(registry: Registry, keys: () => KeysState) {
    const registers = [registry];
    const gauge = (name: string, help: string, read: (state: KeysState) => number) =>
      new Gauge({
        ...{ name, help, registers },
        collect() {
          this.set(read(keys()));
        },
      });
    gauge(
      "latchkey_token_keys_known",
      "1 if the cluster's token keys are known, 0 if no token can be proved.",
      (state) => (state.isKnown ? 1 : 0),
    );
    gauge(
      "latchkey_token_keys_age_seconds",
      "Time since the cluster's token keys were last read; 0 for keys of a file, and if none are known.",
      ({ ageMs }) => ageMs / 1_000,
    );
    this.#unproved = new Counter({
      name: "latchkey_mounts_unproved_total",
      help: "Mounts whose tokens proved nobody, by cause.",
      labelNames: ["cause"],
      registers,
    });
    // The first time would not be seen as an increase otherwise.
    for (const cause of unprovedCauses) this.#unproved.inc({ cause }, 0);
  }

  /** How many mounts whose request had a token were not proved, since the last one that was. */
  get inARow(): number {
    return this.#inARow;
  }

  /** Counts a mount. */
  ended({ proved, unproved }: EndedMount): void {
    if (proved === true) this.#inARow = 0;
    if (unproved === undefined) return;
    this.#inARow += 1;
    this.#unproved.inc({ cause: unproved });
  }
}
