import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { Metrics } from "../../metrics.ts";

const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 30];

/** Metrics of what stores are asked, and what they answer. */
export function addStoreMetrics(registry: Registry, metrics: Metrics): void {
  const registers = [registry];
  const requests = new Counter({
    name: "latchkey_store_requests_total",
    help: "Requests sent to stores: what a store counts and bills.",
    labelNames: ["store", "operation"],
    registers,
  });
  metrics.listen("requestSent", ({ store, operation }) => requests.inc({ store, operation }));
  addCalls(registry, metrics);
  new Gauge({
    name: "latchkey_store_sessions",
    help: "Logins held.",
    registers,
    collect() {
      this.set(metrics.read("sessions") ?? 0);
    },
  });
}

function addCalls(registry: Registry, metrics: Metrics): void {
  const registers = [registry];
  const calls = new Counter({
    name: "latchkey_store_calls_total",
    help: "Logins, and reads of secrets, by result: ok, or what kind of failure it was.",
    labelNames: ["store", "operation", "result"],
    registers,
  });
  const duration = new Histogram({
    name: "latchkey_store_call_duration_seconds",
    help: "Time from the start of a login or of the read of a secret to its end.",
    labelNames: ["store", "operation"],
    buckets: seconds,
    registers,
  });
  metrics.listen("callEnded", ({ store, operation, result, ms }) => {
    calls.inc({ store, operation, result });
    duration.observe({ store, operation }, ms / 1_000);
  });
}
