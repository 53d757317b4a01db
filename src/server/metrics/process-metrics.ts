import { readdir } from "node:fs/promises";
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { Metrics } from "../../metrics.ts";

/** Between two looks at the event loop, in milliseconds: few enough to cost nothing. */
const lookEvery = 250;

const lagSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** Metrics of the process. Returns a function that stops what it has started. */
export function addProcessMetrics(registry: Registry, metrics: Metrics, version: string): () => void {
  new Gauge({
    name: "latchkey_build_info",
    help: "Always 1; the label tells the version.",
    labelNames: ["version"],
    registers: [registry],
  }).set({ version }, 1);
  counter(
    registry,
    ["latchkey_uncaught_errors_total", "Uncaught errors that the process survived."],
    () => metrics.read("uncaughtErrors") ?? 0,
  );
  addUsage(registry);
  return watchEventLoop(registry);
}

/** By the names that Prometheus clients have for them (https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics). */
function addUsage(registry: Registry): void {
  counter(registry, ["process_cpu_seconds_total", "Processor time used."], () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000_000;
  });
  gauge(registry, ["process_resident_memory_bytes", "Resident memory."], () => process.memoryUsage.rss());
  gauge(registry, ["process_open_fds", "Open file descriptors."], openDescriptors);
  const startedAt = Date.now() / 1_000 - process.uptime();
  gauge(registry, ["process_start_time_seconds", "Start of the process, in seconds since the epoch."], () => startedAt);
}

/** The one that this look takes is not counted; NaN where the system does not tell. */
async function openDescriptors(): Promise<number> {
  return await readdir("/proc/self/fd").then(
    (names) => names.length - 1,
    () => Number.NaN,
  );
}

function watchEventLoop(registry: Registry): () => void {
  const lag = new Histogram({
    name: "latchkey_event_loop_lag_seconds",
    help: "How late a timer fired that runs four times a second: a busy process is late.",
    buckets: lagSeconds,
    registers: [registry],
  });
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    lag.observe(Math.max(0, now - last - lookEvery) / 1_000);
    last = now;
  }, lookEvery).unref();
  return () => clearInterval(timer);
}

function counter(registry: Registry, [name, help]: readonly [string, string], read: () => number): void {
  new Counter({
    name,
    help,
    registers: [registry],
    collect() {
      this.reset();
      this.inc(read());
    },
  });
}

function gauge(
  registry: Registry,
  [name, help]: readonly [string, string],
  read: () => number | Promise<number>,
): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    async collect() {
      this.set(await read());
    },
  });
}
