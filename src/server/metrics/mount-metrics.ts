import { Counter, Histogram, type Registry } from "prom-client";
import { catalogue } from "../../errors.ts";
import type { EndedMount } from "../../metrics.ts";
import { Namespaces } from "./namespaces.ts";

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Metrics of mounts, as the driver sees them. */
export class MountMetrics {
  readonly #mounts: Counter;
  readonly #errors: Counter;
  readonly #duration: Histogram;
  readonly #files: Counter;
  readonly #bytes: Counter;
  readonly #withoutToken: Counter;
  readonly #failedRotations: Counter;
  readonly #namespaces: Namespaces;
  #withToken = 0;
  #tokenless = 0;

  constructor(registry: Registry, dialects: readonly string[], now: () => number) {
    const counter = (name: string, help: string, label: readonly string[] = ["dialect"]) =>
      new Counter({ name, help, labelNames: label, registers: [registry] });
    this.#mounts = counter("latchkey_mounts_total", "Mounts, by result: ok, or what kind of failure it was.", [
      "dialect",
      "result",
    ]);
    this.#errors = counter("latchkey_mount_errors_total", "Mounts that failed, by error id.", ["dialect", "error"]);
    this.#duration = new Histogram({
      name: "latchkey_mount_duration_seconds",
      help: "Time from a mount's request to its answer.",
      labelNames: ["dialect", "outcome"],
      buckets: seconds,
      registers: [registry],
    });
    this.#files = counter("latchkey_mount_files_total", "Files that mounts delivered.");
    this.#bytes = counter("latchkey_mount_bytes_total", "Bytes of the files that mounts delivered.");
    this.#withoutToken = counter(
      "latchkey_mounts_without_token_total",
      "Mounts whose request brought no service account token.",
    );
    this.#failedRotations = counter(
      "latchkey_rotation_failures_total",
      "Mounts of volumes with files that failed: the pods keep their old files, and nobody tells them.",
      // Not "namespace": who scrapes gives that name to the namespace of Latchkey itself.
      ["pod_namespace"],
    );
    this.#namespaces = new Namespaces(
      {
        begin: (namespace) => this.#failedRotations.inc({ pod_namespace: namespace }, 0),
        end: (namespace) => this.#failedRotations.remove({ pod_namespace: namespace }),
      },
      now,
    );
    this.#beginAll(dialects);
  }

  /** How many requests of mounts could be read, with a token and without one. */
  get tokens(): { readonly mountsWith: number; readonly mountsWithout: number } {
    return { mountsWith: this.#withToken, mountsWithout: this.#tokenless };
  }

  /** Counts a mount. */
  ended({ dialect, error, ms, files, bytes, namespace, remount, token }: EndedMount): void {
    this.#mounts.inc({ dialect, result: error?.reason ?? "ok" });
    this.#duration.observe({ dialect, outcome: error === undefined ? "ok" : "error" }, ms / 1_000);
    if (error === undefined) {
      this.#files.inc({ dialect }, files);
      this.#bytes.inc({ dialect }, bytes);
    } else {
      this.#errors.inc({ dialect, error: error.id });
    }
    if (namespace === undefined) return;
    this.#countToken(dialect, token);
    const label = this.#namespaces.labelOf(namespace);
    if (error !== undefined && remount) this.#failedRotations.inc({ pod_namespace: label });
  }

  #countToken(dialect: string, token: boolean): void {
    if (token) this.#withToken += 1;
    else {
      this.#tokenless += 1;
      this.#withoutToken.inc({ dialect });
    }
  }

  /** Starts each series at 0 before anything happens: otherwise the first event would not count as an increase. */
  #beginAll(dialects: readonly string[]): void {
    const results = new Set(["ok", ...Object.values(catalogue).map(({ reason }) => reason)]);
    for (const dialect of dialects) {
      for (const result of results) this.#mounts.inc({ dialect, result }, 0);
      for (const each of [this.#files, this.#bytes, this.#withoutToken]) each.inc({ dialect }, 0);
      for (const outcome of ["ok", "error"]) this.#duration.zero({ dialect, outcome });
    }
  }
}
