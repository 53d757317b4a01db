import { Counter, Gauge, type Registry } from "prom-client";
import type { Metrics } from "../../metrics.ts";

const verdicts = ["ok", "refused", "unreachable"] as const;
const fates = ["held", "released", "overdue", "untried", "warned"] as const;

/** Metrics of new credentials that are tried before they are released. */
export function addVerifyMetrics(registry: Registry, metrics: Metrics): void {
  const registers = [registry];
  new Gauge({
    name: "latchkey_rotations_held",
    help: "Secrets whose new value is held back, because its target refuses it.",
    registers,
    collect() {
      this.set(metrics.read("cache")?.pending ?? 0);
    },
  });
  const tries = new Counter({
    name: "latchkey_credential_tries_total",
    help: "New credentials that were tried at their target, by its answer.",
    labelNames: ["verdict"],
    registers,
  });
  const decided = new Counter({
    name: "latchkey_rotations_decided_total",
    help: "New credentials that were held, released after that or after verifyHold, released untried, or delivered though refused.",
    labelNames: ["fate"],
    registers,
  });
  // The first time would not be seen as an increase otherwise.
  for (const verdict of verdicts) tries.inc({ verdict }, 0);
  for (const fate of fates) decided.inc({ fate }, 0);
  metrics.listen("credentialTried", ({ verdict, fate }) => {
    tries.inc({ verdict });
    if (fate !== undefined) decided.inc({ fate });
  });
}
