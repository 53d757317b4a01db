import { Counter, Gauge, type Registry } from "prom-client";
import type { Metrics } from "../../metrics.ts";

const events = ["renewed", "replaced", "revoked", "refused", "lost"] as const;

/** Metrics of what stores issued to pods. */
export function addLeaseMetrics(registry: Registry, metrics: Metrics): void {
  const registers = [registry];
  new Gauge({
    name: "latchkey_leases",
    help: "Leases and certificates that are kept up for pods.",
    registers,
    collect() {
      this.set(metrics.read("leases") ?? 0);
    },
  });
  const changes = new Counter({
    name: "latchkey_lease_changes_total",
    help: "Leases and certificates that were renewed, replaced, revoked, refused a renewal, or lost.",
    labelNames: ["event"],
    registers,
  });
  // The first time would not be seen as an increase otherwise.
  for (const event of events) changes.inc({ event }, 0);
  metrics.listen("leaseChanged", ({ event }) => changes.inc({ event }));
}
