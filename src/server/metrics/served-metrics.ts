import { Registry } from "prom-client";
import type { EndedCall, EndedMount, Metrics } from "../../metrics.ts";
import { addCacheMetrics } from "./cache-metrics.ts";
import { MountMetrics } from "./mount-metrics.ts";
import { OutcomeMetrics } from "./outcome-metrics.ts";
import { addProcessMetrics } from "./process-metrics.ts";
import { ProofMetrics } from "./proof-metrics.ts";
import type { MetricsSources } from "./sources.ts";
import { StoreMetrics } from "./store-metrics.ts";

/** The inputs of the metrics. */
export interface MetricsOptions {
  readonly version: string;
  /** The dialects that are served. */
  readonly dialects: readonly string[];
  readonly sources: MetricsSources;
}

/**
 * The metrics of a process that is asked for them, in Prometheus's text format. One room, one file here: mounts, their
 * proof, stores, cache, what mounts leave behind, process; this class is where they come together.
 */
export class ServedMetrics implements Metrics {
  readonly #registry = new Registry();
  readonly #mounts: MountMetrics;
  readonly #proofs: ProofMetrics;
  readonly #stores: StoreMetrics;
  readonly #outcomes: OutcomeMetrics;
  readonly #stop: () => void;

  constructor({ version, dialects, sources }: MetricsOptions) {
    this.#mounts = new MountMetrics(this.#registry, dialects, () => performance.now());
    this.#proofs = new ProofMetrics(this.#registry, sources.tokenKeys);
    this.#stores = new StoreMetrics(this.#registry, sources.sessions);
    this.#outcomes = new OutcomeMetrics(this.#registry);
    addCacheMetrics(this.#registry, sources.cache);
    this.#stop = addProcessMetrics(this.#registry, version, sources.uncaughtErrors);
  }

  mountEnded(mount: EndedMount): void {
    this.#mounts.ended(mount);
    this.#proofs.ended(mount);
  }

  callEnded(call: EndedCall): void {
    this.#stores.ended(call);
  }

  requestSent(store: string, operation: string): void {
    this.#stores.sent(store, operation);
  }

  secretSynced(result: string): void {
    this.#outcomes.synced(result);
  }

  auditFailed(): void {
    this.#outcomes.unaudited();
  }

  /** How many requests of mounts could be read, with a token and without one. */
  get tokens(): { readonly mountsWith: number; readonly mountsWithout: number } {
    return this.#mounts.tokens;
  }

  /** How many mounts whose request had a token were not proved, since the last one that was. */
  get unprovedInARow(): number {
    return this.#proofs.inARow;
  }

  /** Everything, for one answer to a scrape. */
  async read(): Promise<{ readonly contentType: string; readonly text: string }> {
    return { contentType: this.#registry.contentType, text: await this.#registry.metrics() };
  }

  /** Ends what it has running. */
  close(): void {
    this.#stop();
  }
}
