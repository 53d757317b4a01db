import { Counter, Gauge, type Registry } from "prom-client";
import { unprovedCauses } from "../../identity/unproved.ts";
import type { Figures, Metrics } from "../../metrics.ts";

/** Metrics of what proves identities: the cluster's keys, and tokens that prove nobody. */
export function addProofMetrics(registry: Registry, metrics: Metrics): void {
  const registers = [registry];
  const gauge = (name: string, help: string, read: (keys: Figures["tokenKeys"]) => number) =>
    new Gauge({
      ...{ name, help, registers },
      collect() {
        const keys = metrics.read("tokenKeys");
        if (keys !== undefined) this.set(read(keys));
      },
    });
  gauge(
    "latchkey_token_keys_known",
    "1 if the cluster's token keys are known, 0 if no token can be proved.",
    ({ isKnown }) => (isKnown ? 1 : 0),
  );
  gauge(
    "latchkey_token_keys_age_seconds",
    "Time since the cluster's token keys were last read; 0 for keys of a file, and if none are known.",
    ({ ageMs }) => ageMs / 1_000,
  );
  const unproved = new Counter({
    name: "latchkey_mounts_unproved_total",
    help: "Mounts with tokens that proved no identity, by cause.",
    labelNames: ["cause"],
    registers,
  });
  // The first time would not be seen as an increase otherwise.
  for (const cause of unprovedCauses) unproved.inc({ cause }, 0);
  metrics.listen("mountEnded", ({ unproved: cause }) => {
    if (cause !== undefined) unproved.inc({ cause });
  });
}
