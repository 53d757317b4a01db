import { Counter, type Registry } from "prom-client";
import type { Metrics } from "../../metrics.ts";
import { syncResults } from "../../sync/secret-sync.ts";

/** Metrics of what mounts leave behind: Kubernetes Secrets and audit lines. */
export function addOutcomeMetrics(registry: Registry, metrics: Metrics): void {
  const registers = [registry];
  const synced = new Counter({
    name: "latchkey_secret_syncs_total",
    help: "Attempts to write a Kubernetes Secret, by result.",
    labelNames: ["result"],
    registers,
  });
  // The first time would not be seen as an increase otherwise.
  for (const result of syncResults) synced.inc({ result }, 0);
  const unaudited = new Counter({
    name: "latchkey_audit_failures_total",
    help: "Mounts without an audit line, because it could not be written.",
    registers,
  });
  metrics.listen("secretSynced", ({ result }) => synced.inc({ result }));
  metrics.listen("auditFailed", () => unaudited.inc());
}
