import { Registry } from "prom-client";
import type { Metrics } from "../../metrics.ts";
import { addCacheMetrics } from "./cache-metrics.ts";
import { addLeaseMetrics } from "./lease-metrics.ts";
import { addMountMetrics } from "./mount-metrics.ts";
import { addOutcomeMetrics } from "./outcome-metrics.ts";
import { addProcessMetrics } from "./process-metrics.ts";
import { addProofMetrics } from "./proof-metrics.ts";
import { addStoreMetrics } from "./store-metrics.ts";
import { addVerifyMetrics } from "./verify-metrics.ts";

/** The inputs of the metrics. */
export interface ServeOptions {
  readonly metrics: Metrics;
  readonly version: string;
  /** The dialects that are served. */
  readonly dialects: readonly string[];
}

/** The metrics of a process that is asked for them, in Prometheus's text format. */
export interface ServedMetrics {
  /** Everything, for one answer to a scrape. */
  read(): Promise<{ readonly contentType: string; readonly text: string }>;
  /** Ends what it has running. */
  close(): void;
}

/** Counts from now on. One room, one file here: mounts, their proof, stores, what mounts leave behind, cache, leases, process. */
export function serveMetrics({ metrics, version, dialects }: ServeOptions): ServedMetrics {
  const registry = new Registry();
  addMountMetrics(registry, metrics, dialects);
  addProofMetrics(registry, metrics);
  addStoreMetrics(registry, metrics);
  addOutcomeMetrics(registry, metrics);
  addCacheMetrics(registry, metrics);
  addLeaseMetrics(registry, metrics);
  addVerifyMetrics(registry, metrics);
  const close = addProcessMetrics(registry, metrics, version);
  return {
    read: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
    close,
  };
}
