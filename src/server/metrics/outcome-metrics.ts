import { Counter, type Registry } from "prom-client";
import { syncResults } from "../../sync/contract.ts";

/** Metrics of what mounts leave behind: Kubernetes Secrets and audit lines. */
export class OutcomeMetrics {
  readonly #synced: Counter;
  readonly #unaudited: Counter;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#synced = new Counter({
      name: "latchkey_secret_syncs_total",
      help: "Tries to write a Kubernetes Secret, by what came of it.",
      labelNames: ["result"],
      registers,
    });
    // The first time would not be seen as an increase otherwise.
    for (const result of syncResults) this.#synced.inc({ result }, 0);
    this.#unaudited = new Counter({
      name: "latchkey_audit_failures_total",
      help: "Mounts whose audit line could not be written.",
      registers,
    });
  }

  /** Counts a try. */
  synced(result: string): void {
    this.#synced.inc({ result });
  }

  /** Counts a line that is missing. */
  unaudited(): void {
    this.#unaudited.inc();
  }
}
