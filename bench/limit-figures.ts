import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { makeCgroup } from "./cgroup.ts";
import { connectMounts, type Mounts, podsOf } from "./mounts.ts";
import { peakMiB, startLatchkey } from "./programs.ts";
import type { BenchStores } from "./stores.ts";
import { median, type Row } from "./table.ts";

const values = parse(await readFile(join(import.meta.dirname, "../deploy/chart/values.yaml"), "utf8"));
const milliCpu = Number.parseInt(values.resources.requests.cpu, 10);
const memoryMiB = Number.parseInt(values.resources.limits.memory, 10);

/** The chart's startup probe asks every two seconds, sixty times. */
const probeMs = 120_000;

/** The start with the CPU that the chart requests and no more, and all that may fill memory at the chart's limit. */
export async function measureLimits(stores: BenchStores): Promise<readonly Row[]> {
  return [await startRow(stores), await memoryRow(stores)];
}

async function startRow(stores: BenchStores): Promise<Row> {
  const times: number[] = [];
  const cgroup = await makeCgroup({ milliCpu });
  for (let turn = 0; cgroup !== undefined && turn < 5; turn += 1) {
    const before = performance.now();
    const latchkey = await startLatchkey(stores.flags, { enter: cgroup.enter });
    times.push(performance.now() - before);
    await latchkey.stop();
  }
  await cgroup?.remove();
  return {
    what: `start with ${milliCpu}m of CPU as a limit (the chart's request), median of 5`,
    measured: cgroup === undefined ? "not measured: no control groups here" : `${median(times).toFixed(0)} ms`,
    against: "today's charts request 50m",
    goal: `< ${probeMs / 1_000} s, when the startup probe gives up`,
    holds: times.length > 0 && Math.max(...times) < probeMs,
  };
}

async function memoryRow(stores: BenchStores): Promise<Row> {
  const cgroup = await makeCgroup({ memoryMiB });
  const latchkey = await startLatchkey(
    [...stores.flags, "--refresh", "24h"],
    cgroup === undefined ? {} : { enter: cgroup.enter },
  );
  const mounts = await connectMounts(latchkey.socketDir, stores);
  const largest = await fillMemory(mounts, stores);
  const peak = await peakMiB(latchkey.child.pid);
  const kills = (await cgroup?.oomKills()) ?? 0;
  await mounts.close();
  await latchkey.stop();
  await cgroup?.remove();
  return {
    what: `cache full, ${largest} at once, templates and all stores in use: peak memory`,
    measured: `${peak.toFixed(0)} MiB, ${cgroup === undefined ? "the limit not set: no control groups here" : `${kills} killed at the limit`}`,
    against: "the template's process may take 110 MiB besides",
    goal: `<= ${memoryMiB - 110} MiB, none killed at ${memoryMiB} MiB`,
    holds: peak <= memoryMiB - 110 && kills === 0 && cgroup !== undefined,
  };
}

/** Fills the cache beyond its bound, then asks for as many large replies as there are pods on a node, with templates beside. */
async function fillMemory(mounts: Mounts, stores: BenchStores): Promise<string> {
  stores.vault.setLatency(0);
  const value = "x".repeat(16 * 1_024);
  stores.vault.inject(
    { kind: "answer", status: 200, body: JSON.stringify({ data: { data: { v: value } } }) },
    { path: /^\/v1\/many\// },
  );
  for (let pod = 0; pod < 120; pod += 1) {
    const objects = Array.from(
      { length: 40 },
      (_, index) => `- { objectName: a${index}, secretPath: many/${pod}/${index}, secretKey: v }`,
    );
    await mounts.time({
      dialect: "vault",
      pod,
      parameters: { ...stores.parameters.vault, objects: objects.join("\n") },
    });
  }
  await mounts.time({ dialect: "aws", pod: 0 });
  stores.vault.clearFaults();
  const large = {
    stores: "files: { profile: files }",
    secrets: "- { store: files, name: large, files: [{ path: f }] }",
  };
  const templates = '- { path: t, content: "{% for i in (1..1000) %}{{ f }}{% endfor %}" }';
  const small = { ...large, secrets: "- { store: files, name: s0, as: f }", templates };
  for (let round = 0; round < 3; round += 1) {
    await mounts.timeAll([
      ...podsOf("latchkey", 110).map((pod) => ({ ...pod, parameters: large })),
      ...podsOf("latchkey", 20).map((pod) => ({ ...pod, parameters: small })),
    ]);
  }
  return "110 replies of 3 MiB";
}
