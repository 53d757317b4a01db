import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { parse } from "yaml";
import { type ClassAttack, classAttacks } from "../test/class-attacks.ts";
import { type Answer, type ScriptedServer, startScripted } from "../test/servers/scripted.ts";
import { makeCgroup } from "./cgroup.ts";
import { connectMounts, type Mount, type Mounts } from "./mounts.ts";
import { type Program, peakMiB, startLatchkey } from "./programs.ts";
import { startStores } from "./stores.ts";
import { printTable, quantile, type Row } from "./table.ts";

// `node bench/attacks.ts`, on a bundle that is built already: SecretProviderClasses of a hostile namespace, over and over, beside
// seven others that mount what is cached, and what is not, in a control group with the chart's limit of memory.

const victims = 7;
const attackers = 4;
/** Of each SecretProviderClass, so that its plan is not kept. */
const variants = 16;
const pauseMs = 5;
const secondsOfEach = Number(process.env.SECONDS ?? 4);
const adminPort = 18_799;

const values = parse(await readFile(join(import.meta.dirname, "../deploy/chart/values.yaml"), "utf8"));
const memoryMiB = Number.parseInt(values.resources.limits.memory, 10);

/** What happened to everybody else during one attack. */
interface Beside {
  readonly p99: number;
  readonly slowest: number;
  readonly failed: number;
  readonly firsts: number;
  readonly firstsFailed: number;
  /** The slowest answer of /healthz, in milliseconds. */
  readonly health: number;
  /** The longest that this bench itself did not get on, in milliseconds: no answer comes sooner. */
  readonly own: number;
  readonly attacks: number;
}

let accounts = 0;
const stores = await startStores();
const hostile = await startHostile();
const cgroup = await makeCgroup({ memoryMiB });
try {
  const flags = [...stores.flags, "--admin-listen", `127.0.0.1:${adminPort}`, "--mount-timeout", "20s"];
  const program = await startLatchkey(flags, cgroup === undefined ? {} : { enter: cgroup.enter });
  const mounts = await connectMounts(program.socketDir, stores);
  const rows = await measure(program, mounts);
  await mounts.close();
  await program.stop();
  printTable(rows);
} finally {
  await cgroup?.remove().catch(() => undefined);
  await hostile.stop();
  await stores.stop();
}

async function measure(program: Program, mounts: Mounts): Promise<readonly Row[]> {
  stores.vault.setLatency(0);
  const all = classAttacks(hostile.url).filter(({ what }) => what.includes(process.env.ONLY ?? ""));
  const cached = await Promise.all(
    Array.from({ length: victims }, (_, pod) => mounts.prepare({ dialect: "vault", pod, namespace: `victim-${pod}` })),
  );
  for (const mount of cached) await mount();
  await beside(mounts, cached, []);
  const without = await beside(mounts, cached, []);
  const rows = [rowOf("none", without, without.p99)];
  for (const attack of all) {
    const prepared = await Promise.all(Array.from({ length: variants }, (_, at) => prepare(mounts, attack, at)));
    const measured = await beside(mounts, cached, prepared);
    rows.push(rowOf(attack.what, measured, without.p99));
    process.stderr.write(
      `${attack.what}: p99 ${measured.p99.toFixed(0)} ms, peak ${(await peakMiB(program.child.pid)).toFixed(0)} MiB\n`,
    );
  }
  const after = await beside(mounts, cached, []);
  return [...rows, rowOf("none, after all of them", after, without.p99), await memoryRow(program)];
}

function rowOf(what: string, measured: Beside, without: number): Row {
  const { p99, slowest, failed, firsts, firstsFailed, health, own, attacks } = measured;
  return {
    what: `${what} (${attacks})`,
    measured: `${p99.toFixed(0)} ms, ${(p99 / without).toFixed(1)} x; slowest ${slowest.toFixed(0)} ms; ${firstsFailed} of ${firsts} first mounts failed; health ${health.toFixed(0)} ms; the bench itself ${own.toFixed(0)} ms`,
    against: `p99 without attacks: ${without.toFixed(0)} ms`,
    goal: "p99 <= 50 ms, no mount fails, health answers",
    holds: p99 <= 50 && failed === 0 && firstsFailed === 0 && Number.isFinite(health),
  };
}

async function memoryRow({ child }: Program): Promise<Row> {
  const peak = await peakMiB(child.pid);
  const kills = (await cgroup?.oomKills()) ?? 0;
  const group = await cgroup?.peakMiB();
  return {
    what: "peak memory of the process; of all in the control group, the file cache too",
    measured: `${peak.toFixed(0)} MiB; ${group === undefined ? "no control groups here" : `${group.toFixed(0)} MiB, ${kills} killed`}`,
    against: `the chart's limit: ${memoryMiB} MiB`,
    goal: "below the limit, nothing killed",
    holds: peak < memoryMiB && kills === 0 && cgroup !== undefined,
  };
}

async function beside(mounts: Mounts, cached: readonly Mount[], attacks: readonly Mount[]): Promise<Beside> {
  const over = new AbortController();
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  let count = 0;
  const attacking = Array.from({ length: attacks.length === 0 ? 0 : attackers }, async () => {
    while (!over.signal.aborted) {
      count += 1;
      await attacks[count % attacks.length]?.().catch(() => undefined);
    }
  });
  const until = performance.now() + secondsOfEach * 1_000;
  const times: number[] = [];
  let failed = 0;
  const mounting = cached.map(async (mount) => {
    while (performance.now() < until) {
      await mount().then(
        (ms) => times.push(ms),
        () => (failed += 1),
      );
      await sleep(pauseMs);
    }
  });
  const [firsts, health] = await Promise.all([firstMounts(mounts, until), healthUntil(until), ...mounting]);
  over.abort();
  delay.disable();
  const own = delay.max / 1e6;
  await Promise.all(attacking);
  return { own, p99: quantile(times, 0.99), slowest: quantile(times, 1), failed, ...firsts, health, attacks: count };
}

/** Pods of accounts that nobody has seen yet, one behind the other. */
async function firstMounts(mounts: Mounts, until: number) {
  let [firsts, firstsFailed] = [0, 0];
  while (performance.now() < until) {
    accounts += 1;
    const pod = { dialect: "vault", pod: 1_000 + accounts, namespace: `victim-${accounts % victims}` } as const;
    firsts += 1;
    await mounts.time({ ...pod, serviceAccount: `new-${accounts}` }).catch(() => (firstsFailed += 1));
    await sleep(100);
  }
  return { firsts, firstsFailed };
}

async function healthUntil(until: number): Promise<number> {
  let slowest = 0;
  while (performance.now() < until) {
    const before = performance.now();
    const ok = await fetch(`http://127.0.0.1:${adminPort}/healthz`).then(
      ({ ok: is }) => is,
      () => false,
    );
    slowest = Math.max(slowest, ok ? performance.now() - before : Number.POSITIVE_INFINITY);
    await sleep(50);
  }
  return slowest;
}

async function prepare(mounts: Mounts, { dialect, parameters }: ClassAttack, at: number): Promise<Mount> {
  const varied = Object.entries(parameters).map(([name, text]) => [
    name,
    text.includes("\n") || text.startsWith("[") ? `${text}\n# ${at}\n` : text,
  ]);
  return await mounts.prepare({
    ...{ dialect, pod: 5_000 + at, namespace: "attacker" },
    parameters: Object.fromEntries(varied),
  });
}

/** A server of the attacker's own, which answers as a Vault of theirs could. */
async function startHostile(): Promise<ScriptedServer> {
  const kv = (data: object): Answer => ({ body: { data: { data, metadata: { version: 1, created_time: "t" } } } });
  const large = Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`k${at}`, "x".repeat(48)]));
  const answers: readonly (readonly [RegExp, () => Answer])[] = [
    [
      /\/login$/,
      () => ({ body: { auth: { client_token: "s.t", lease_duration: 3_600, renewable: false, policies: ["p"] } } }),
    ],
    [
      /\/f\d+$/,
      () => ({ body: { data: { keys: Array.from({ length: 10_000 }, (_, at) => `${"name".repeat(8)}${at}`) } } }),
    ],
    [/long$/, () => kv({ list: Array.from({ length: 30_000 }, (_, at) => at), a: {} })],
    [/large$/, () => kv(large)],
    [/pem$/, () => kv({ v: "-----BEGIN CERTIFICATE-----\n".repeat(30_000) })],
    [/denied\d+$/, () => ({ status: 403, body: { errors: ["x".repeat(8_000)] } })],
    [/\/lease\//, () => ({ body: { lease_id: "l", lease_duration: 31_000_000, data: { v: "x".repeat(60_000) } } })],
    [/hang$/, () => "hang"],
  ];
  const bodies = new Map<RegExp, Answer>();
  return await startScripted(({ path }) => {
    const found = answers.find(([pattern]) => pattern.test(path));
    if (found === undefined) return kv({ a: "b", k: "v" });
    const [pattern, make] = found;
    const answer = bodies.get(pattern) ?? make();
    bodies.set(
      pattern,
      typeof answer === "object" && typeof answer.body === "object"
        ? { ...answer, body: JSON.stringify(answer.body) }
        : answer,
    );
    return bodies.get(pattern) ?? answer;
  });
}
