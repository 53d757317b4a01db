import { afterEach, describe, expect, it } from "vitest";
import { ProviderError } from "../../src/errors.ts";
import type { KeysState } from "../../src/kubernetes/token-keys.ts";
import { type CacheFigures, type EndedMount, type Figures, Metrics } from "../../src/metrics.ts";
import { Namespaces } from "../../src/server/metrics/namespaces.ts";
import { type ServedMetrics, serveMetrics } from "../../src/server/metrics/served-metrics.ts";
import { countUnproved } from "../../src/server/proof-note.ts";
import { parseExposition } from "../exposition.ts";

const figures: CacheFigures = {
  ...{ entries: 3, bytes: 300, mostBytes: 1_000, pending: 1, evicted: 7 },
  breakers: [
    { store: "vault", state: "open" },
    { store: "vault", state: "closed" },
    { store: "vault", state: "open" },
  ],
  lookups: { hit: 5, miss: 4, refresh: 3, stale: 2, unshared: 1, oldestMs: { cached: 90_000, stale: 3_600_500 } },
};

const keys: KeysState = { isKnown: true, ageMs: 90_000, failure: "LK0013" };

let opened: ServedMetrics[] = [];

afterEach(() => {
  for (const each of opened) each.close();
  opened = [];
});

/** Metrics of a node whose rooms count so much, and what is read of them. */
function served(dialects: readonly string[] = ["vault"], tokenKeys: Figures["tokenKeys"] = keys) {
  const metrics = new Metrics();
  metrics.offer("cache", () => figures);
  metrics.offer("sessions", () => 6);
  metrics.offer("uncaughtErrors", () => 2);
  metrics.offer("tokenKeys", () => tokenKeys);
  const made = serveMetrics({ metrics, version: "1.2.3", dialects });
  opened.push(made);
  const unproved = countUnproved(metrics);
  return {
    metrics,
    unproved,
    read: () => made.read(),
    mountEnded: (mount: EndedMount) => metrics.tell("mountEnded", mount),
  };
}

const mount: EndedMount = {
  ...{ dialect: "vault", error: undefined, ms: 30, files: 2, bytes: 100 },
  ...{ namespace: "shop", remount: false, token: true, proved: true, unproved: undefined },
};

const denied = new ProviderError("LK0033", "no");

async function scrape(from: Pick<ServedMetrics, "read">) {
  return parseExposition((await from.read()).text);
}

describe("the metrics that are served", () => {
  it("count mounts by dialect and result, and errors by their id", async () => {
    const told = served();
    for (const error of [undefined, undefined, denied]) told.mountEnded({ ...mount, error, files: error ? 0 : 2 });
    const read = await scrape(told);
    const ofVault = { dialect: "vault" };
    expect(read.value("latchkey_mounts_total", { ...ofVault, result: "ok" })).toBe(2);
    expect(read.value("latchkey_mounts_total", { ...ofVault, result: "denied" })).toBe(1);
    expect(read.value("latchkey_mounts_total", { ...ofVault, result: "outage" })).toBe(0);
    expect(read.samples("latchkey_mount_errors_total")).toEqual([
      { name: expect.any(String), labels: new Map([...Object.entries(ofVault), ["error", "LK0033"]]), value: 1 },
    ]);
    expect(read.value("latchkey_mount_files_total", ofVault)).toBe(4);
    expect(read.value("latchkey_mount_duration_seconds_sum", { ...ofVault, outcome: "ok" })).toBeCloseTo(0.06);
    expect(read.value("latchkey_mount_duration_seconds_bucket", { ...ofVault, outcome: "ok", le: "0.025" })).toBe(0);
    expect(read.value("latchkey_mount_duration_seconds_bucket", { ...ofVault, outcome: "ok", le: "0.05" })).toBe(2);
  });

  it("tell of Kubernetes Secrets and audit lines from the start, so that the first failure is an increase", async () => {
    const read = await scrape(served());
    for (const result of ["written", "unchanged", "older", "refused", "failed", "dropped"]) {
      expect([result, read.value("latchkey_secret_syncs_total", { result })]).toEqual([result, 0]);
    }
    expect(read.value("latchkey_audit_failures_total", {})).toBe(0);
  });

  it("tell whether tokens can be proved, how old the keys are, and why tokens prove nobody", async () => {
    const told = served(["vault"], keys);
    const unproved = { proved: false, unproved: "expired" };
    for (const over of [{}, unproved, unproved]) told.mountEnded({ ...mount, ...over });
    expect(told.unproved.inARow).toBe(2);
    told.mountEnded({ ...mount, token: false, proved: false });
    told.mountEnded({ ...mount, proved: undefined });
    const read = await scrape(told);
    expect(read.value("latchkey_token_keys_known", {})).toBe(1);
    expect(read.value("latchkey_token_keys_age_seconds", {})).toBe(90);
    expect(read.value("latchkey_mounts_unproved_total", { cause: "expired" })).toBe(2);
    expect(read.value("latchkey_mounts_unproved_total", { cause: "no_keys" })).toBe(0);
    expect(told.unproved.inARow).toBe(2);
    told.mountEnded(mount);
    expect(told.unproved.inARow).toBe(0);
    const unknown = await scrape(served([], { isKnown: false, ageMs: 0 }));
    expect(unknown.value("latchkey_token_keys_known", {})).toBe(0);
  });

  it("count the calls of stores", async () => {
    const told = served();
    told.metrics.tell("requestSent", { store: "vault", operation: "login" });
    told.metrics.tell("requestSent", { store: "vault", operation: "revoke" });
    told.metrics.tell("callEnded", { store: "vault", operation: "login", result: "ok", ms: 20 });
    told.metrics.tell("callEnded", { store: "vault", operation: "read", result: "outage", ms: 15_000 });
    const read = await scrape(told);
    expect(read.value("latchkey_store_requests_total", { store: "vault", operation: "revoke" })).toBe(1);
    expect(read.value("latchkey_store_calls_total", { store: "vault", operation: "read", result: "outage" })).toBe(1);
    expect(read.value("latchkey_store_call_duration_seconds_sum", { store: "vault", operation: "read" })).toBe(15);
  });

  it("read what cache, sessions and process count for themselves, at each scrape anew", async () => {
    const told = served();
    for (const read of [await scrape(told), await scrape(told)]) {
      const values = read.families
        .filter(({ name, type }) => /cache|sessions|breakers|uncaught|build/.test(name) && type !== "histogram")
        .flatMap(({ samples }) =>
          samples.map(({ name, labels, value }) => [name, ...labels.values(), value].join(" ")),
        );
      expect(values).toEqual([
        "latchkey_store_sessions 6",
        ...["hit 5", "miss 4", "refresh 3", "stale 2", "unshared 1"].map(
          (end) => `latchkey_cache_lookups_total ${end}`,
        ),
        ...["fresh 90", "stale 3600.5"].map((end) => `latchkey_cache_oldest_served_age_seconds ${end}`),
        ...["entries 3", "bytes 300", "limit_bytes 1000", "evictions_total 7"].map((end) => `latchkey_cache_${end}`),
        ...["closed 1", "slow 0", "open 2"].map((end) => `latchkey_store_breakers vault ${end}`),
        "latchkey_build_info 1.2.3 1",
        "latchkey_uncaught_errors_total 2",
      ]);
    }
  });

  it("tell of the process by the names that every program has for it", async () => {
    const read = await scrape(served());
    expect(read.value("process_resident_memory_bytes")).toBeGreaterThan(10_000_000);
    expect(read.value("process_cpu_seconds_total")).toBeGreaterThan(0);
    expect(read.value("process_open_fds")).toBeGreaterThan(3);
    expect(read.value("process_start_time_seconds")).toBeLessThan(Date.now() / 1_000);
  });

  it("tell how long the event loop was held up", async () => {
    const told = served();
    const lag = async (end: string) => (await scrape(told)).value(`latchkey_event_loop_lag_seconds_${end}`) ?? 0;
    while ((await lag("count")) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    const before = await lag("sum");
    const until = performance.now() + 600;
    while (performance.now() < until);
    const count = await lag("count");
    while ((await lag("count")) === count) await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await lag("sum")) - before).toBeGreaterThan(0.3);
  });

  it("count as failed rotations only failures of volumes that had files", async () => {
    const told = served();
    told.mountEnded({ ...mount, error: denied });
    told.mountEnded({ ...mount, remount: true });
    const failures = async () =>
      (await scrape(told)).value("latchkey_rotation_failures_total", { pod_namespace: "shop" });
    expect(await failures()).toBe(0);
    told.mountEnded({ ...mount, error: denied, remount: true });
    expect(await failures()).toBe(1);
  });

  it("name a hundred namespaces and no more, whatever they are called", async () => {
    const told = served();
    const odd = ['a"} 1\nx', "__proto__", "\\", "a".repeat(253), "ü", "", "-a", "a.b", "constructor", "tostring"];
    const many = Array.from({ length: 5_000 }, (_, index) => `team-${index}`);
    for (const namespace of [...odd, ...many]) told.mountEnded({ ...mount, namespace, remount: true, error: denied });
    const read = await scrape(told);
    const series = read.samples("latchkey_rotation_failures_total");
    expect(series.length).toBe(101);
    expect(series.reduce((sum, { value }) => sum + value, 0)).toBe(5_010);
    expect(series.map(({ labels }) => labels.get("pod_namespace")).slice(0, 4)).toEqual([
      "_other",
      "constructor",
      "tostring",
      "team-0",
    ]);
  });
});

describe("the namespaces that have a place", () => {
  it("lose it to others after an hour without mounts, the quietest first", () => {
    const events: string[] = [];
    let now = 0;
    const series = { begin: (name: string) => events.push(`+${name}`), end: (name: string) => events.push(`-${name}`) };
    const names = new Namespaces(series, () => now);
    for (let index = 0; index < 100; index += 1) names.labelOf(`n${index}`);
    now = 1_800_000;
    names.labelOf("n0");
    events.length = 0;
    now = 3_599_999;
    expect(names.labelOf("late")).toBe("_other");
    now = 3_600_000;
    expect([names.labelOf("late"), names.labelOf("n0"), names.labelOf("later")]).toEqual(["late", "n0", "later"]);
    expect(events).toEqual(["-n1", "+late", "-n2", "+later"]);
  });
});
