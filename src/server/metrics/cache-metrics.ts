import { Counter, Gauge, type Registry } from "prom-client";
import type { CacheFigures, Metrics } from "../../metrics.ts";

const lookups = ["hit", "miss", "refresh", "stale", "unshared"] as const;
const breakerStates = ["closed", "slow", "open"] as const;

/** Metrics of the cache, which counts for itself: they are read when somebody asks. */
export function addCacheMetrics(registry: Registry, metrics: Metrics): void {
  const figures = () => metrics.read("cache");
  addLookups(registry, figures);
  addSizes(registry, figures);
  new Gauge({
    name: "latchkey_store_breakers",
    help: "Endpoints of stores used in the last ten minutes, by the state of their breaker.",
    labelNames: ["store", "state"],
    registers: [registry],
    collect() {
      this.reset();
      const breakers = figures()?.breakers ?? [];
      for (const store of new Set(breakers.map((each) => each.store))) {
        for (const state of breakerStates) this.set({ store, state }, 0);
      }
      for (const { store, state } of breakers) this.inc({ store, state });
    },
  });
}

function addLookups(registry: Registry, figures: () => CacheFigures | undefined): void {
  new Counter({
    name: "latchkey_cache_lookups_total",
    help: "Look-ups of secrets in the cache, by result.",
    labelNames: ["result"],
    registers: [registry],
    collect() {
      this.reset();
      const counts = figures()?.lookups;
      for (const result of lookups) this.inc({ result }, counts?.[result] ?? 0);
    },
  });
  new Gauge({
    name: "latchkey_cache_oldest_served_age_seconds",
    help: "Greatest age of a secret served from the cache in the last minutes.",
    labelNames: ["answer"],
    registers: [registry],
    collect() {
      const { cached, stale } = figures()?.lookups.oldestMs ?? { cached: 0, stale: 0 };
      this.set({ answer: "fresh" }, cached / 1_000);
      this.set({ answer: "stale" }, stale / 1_000);
    },
  });
}

function addSizes(registry: Registry, figures: () => CacheFigures | undefined): void {
  const gauge = (name: string, help: string, figure: "entries" | "bytes" | "mostBytes") =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(figures()?.[figure] ?? 0);
      },
    });
  gauge("latchkey_cache_entries", "Secrets that the cache holds.", "entries");
  gauge("latchkey_cache_bytes", "Bytes that the entries of the cache count as.", "bytes");
  gauge("latchkey_cache_limit_bytes", "Bytes that the cache may hold.", "mostBytes");
  new Counter({
    name: "latchkey_cache_evictions_total",
    help: "Secrets evicted from the cache to make room for others.",
    registers: [registry],
    collect() {
      this.reset();
      this.inc(figures()?.evicted ?? 0);
    },
  });
}
