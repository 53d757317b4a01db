import { Counter, Histogram, type Registry } from "prom-client";
import { catalogue } from "../../errors.ts";
import type { EndedMount, Metrics } from "../../metrics.ts";
import { Namespaces } from "./namespaces.ts";

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Metrics of mounts, as the driver sees them; `dialects` are those that are served. */
export function addMountMetrics(registry: Registry, metrics: Metrics, dialects: readonly string[]): void {
  const meters = metersOf(registry);
  beginAll(meters, dialects);
  metrics.listen("mountEnded", (mount) => count(meters, mount));
  const countFailedRotation = failedRotations(registry);
  metrics.listen("mountEnded", countFailedRotation);
}

type Meters = ReturnType<typeof metersOf>;

function metersOf(registry: Registry) {
  const counter = (name: string, help: string, label: readonly string[] = ["dialect"]) =>
    new Counter({ name, help, labelNames: label, registers: [registry] });
  return {
    mounts: counter("latchkey_mounts_total", "Mounts, by result: ok, or what kind of failure it was.", [
      "dialect",
      "result",
    ]),
    errors: counter("latchkey_mount_errors_total", "Mounts that failed, by error id.", ["dialect", "error"]),
    duration: new Histogram({
      name: "latchkey_mount_duration_seconds",
      help: "Time from a mount's request to its answer.",
      labelNames: ["dialect", "outcome"],
      buckets: seconds,
      registers: [registry],
    }),
    files: counter("latchkey_mount_files_total", "Files that mounts delivered."),
    bytes: counter("latchkey_mount_bytes_total", "Bytes of the files that mounts delivered."),
    withoutToken: counter(
      "latchkey_mounts_without_token_total",
      "Mounts without a service account token in their request.",
    ),
  };
}

function count(meters: Meters, { dialect, error, ms, files, bytes, namespace, token }: EndedMount): void {
  meters.mounts.inc({ dialect, result: error?.reason ?? "ok" });
  meters.duration.observe({ dialect, outcome: error === undefined ? "ok" : "error" }, ms / 1_000);
  if (error === undefined) {
    meters.files.inc({ dialect }, files);
    meters.bytes.inc({ dialect }, bytes);
  } else {
    meters.errors.inc({ dialect, error: error.id });
  }
  if (namespace !== undefined && !token) meters.withoutToken.inc({ dialect });
}

/** Counts failures of volumes that have files, by namespace. */
function failedRotations(registry: Registry): (mount: EndedMount) => void {
  const failed = new Counter({
    name: "latchkey_rotation_failures_total",
    help: "Failed mounts of volumes that have files already: the pods keep their old files and are not told.",
    // Not "namespace": who scrapes gives that name to the namespace of Latchkey itself.
    labelNames: ["pod_namespace"],
    registers: [registry],
  });
  const namespaces = new Namespaces(
    {
      begin: (namespace) => failed.inc({ pod_namespace: namespace }, 0),
      end: (namespace) => failed.remove({ pod_namespace: namespace }),
    },
    () => performance.now(),
  );
  return ({ namespace, error, remount }) => {
    if (namespace === undefined) return;
    const label = namespaces.labelOf(namespace);
    if (error !== undefined && remount) failed.inc({ pod_namespace: label });
  };
}

/** Starts each series at 0 before anything happens: otherwise the first event would not count as an increase. */
function beginAll({ mounts, files, bytes, withoutToken, duration }: Meters, dialects: readonly string[]): void {
  const results = new Set(["ok", ...Object.values(catalogue).map(({ reason }) => reason)]);
  for (const dialect of dialects) {
    for (const result of results) mounts.inc({ dialect, result }, 0);
    for (const each of [files, bytes, withoutToken]) each.inc({ dialect }, 0);
    for (const outcome of ["ok", "error"]) duration.zero({ dialect, outcome });
  }
}
