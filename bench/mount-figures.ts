import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type BenchPod, connectMounts, type Mounts, podsOf } from "./mounts.ts";
import { buildBareServer, residentMiB, startBare, startLatchkey } from "./programs.ts";
import { type BenchStores, objectCount } from "./stores.ts";
import { median, quantile, type Row } from "./table.ts";

const pods = 110;
const firstMountRounds = 20;
const settleMs = 2_000;
/** The kubelet's probes and the scrapes of an hour, twenty times as fast. */
const probes = { rounds: 300, everyMs: 50 };

/** Memory of the bare server, of Latchkey idle, and with stores loaded. */
export async function measureMemory(stores: BenchStores): Promise<readonly Row[]> {
  const bare = await startBare(await buildBareServer());
  await sleep(settleMs);
  const base = await residentMiB(bare.child.pid);
  await bare.stop();
  const parameters = `${stores.parameters.aws.objects}\n- { objectName: p, objectType: ssmparameter }`;
  const aws = { dialect: "aws", pod: 0, parameters: { ...stores.parameters.aws, objects: parameters } } as const;
  const vault = { dialect: "vault", pod: 0 } as const;
  return [
    memoryRow("memory idle, no store loaded", await memoryWith(stores, []), base, 15),
    memoryRow(
      "memory idle, every dialect, admin server and cache directory on, probed for an hour",
      await memoryOfAll(stores),
      base,
      50,
    ),
    memoryRow("memory, vault loaded", await memoryWith(stores, [vault]), base, 20),
    memoryRow("memory, both aws stores loaded", await memoryWith(stores, [aws]), base, 35),
    memoryRow("memory, vault and both aws stores loaded", await memoryWith(stores, [vault, aws]), base, 35),
  ];
}

/** Memory of a process that has made these mounts, in MiB. */
async function memoryWith(stores: BenchStores, mounted: readonly BenchPod[]): Promise<number> {
  const latchkey = await startLatchkey(stores.flagsWithoutProfiles);
  const mounts = await connectMounts(latchkey.socketDir, stores);
  for (const mount of mounted) await mounts.time(mount);
  await sleep(settleMs);
  const memory = await residentMiB(latchkey.child.pid);
  await mounts.close();
  await latchkey.stop();
  return memory;
}

/** Memory of a process that has everything on and has made no mount, after many scrapes and probes, in MiB. */
async function memoryOfAll(stores: BenchStores): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), "lkb-"));
  await writeFile(join(directory, "key"), randomBytes(32));
  const latchkey = await startLatchkey([
    ...[...stores.flags, "--providers", "latchkey,vault,openbao,aws", "--admin-listen", "127.0.0.1:0"],
    ...["--admin-socket", join(directory, "admin/latchkey.sock"), "--cache-key-file", join(directory, "key")],
    ...["--cache-dir", directory, "--allow-disk-cache", "true"],
  ]);
  const port = /"adminPort":(\d+)/.exec(latchkey.child.output())?.[1];
  for (let round = 0; round < probes.rounds; round += 1) {
    await sleep(probes.everyMs);
    for (const path of ["metrics", "readyz", "healthz"]) {
      const answer = await fetch(`http://127.0.0.1:${port}/${path}`);
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      await answer.text();
    }
  }
  await sleep(settleMs);
  const memory = await residentMiB(latchkey.child.pid);
  await latchkey.stop();
  await rm(directory, { recursive: true, force: true });
  return memory;
}

function memoryRow(what: string, measured: number, base: number, more: number): Row {
  return {
    what,
    measured: `${measured.toFixed(0)} MiB`,
    against: `bare grpc-js server: ${base.toFixed(0)} MiB`,
    goal: `<= bare + ${more} MiB`,
    holds: measured <= base + more,
  };
}

/** Mounts of one process: first mounts at 20 ms a call, and 110 pods at once. */
export async function measureMounts(stores: BenchStores): Promise<readonly Row[]> {
  const latchkey = await startLatchkey(stores.flags);
  const mounts = await connectMounts(latchkey.socketDir, stores);
  const rows = [
    await firstMount(mounts, stores, { dialect: "vault", objects: 10, goal: 75, today: "240-260 ms" }),
    await firstMount(mounts, stores, { dialect: "vault", objects: 50, goal: 130, today: "1,097 ms" }),
    await firstMount(mounts, stores, { dialect: "aws", objects: 10, goal: 80, today: "240-260 ms" }),
    await firstMount(mounts, stores, { dialect: "aws", objects: 50, goal: 140, today: "1,097 ms" }),
    await storm(mounts),
  ];
  await mounts.close();
  await latchkey.stop();
  return rows;
}

interface FirstMounts {
  readonly dialect: "vault" | "aws";
  readonly objects: number;
  readonly goal: number;
  readonly today: string;
}

async function firstMount(mounts: Mounts, stores: BenchStores, measured: FirstMounts): Promise<Row> {
  const { dialect, objects, goal, today } = measured;
  const parameters = stores.parametersOf(dialect, objects);
  const cold = await mounts.time({ dialect, pod: 0, serviceAccount: `cold-${objects}`, parameters });
  const times: number[] = [];
  for (let pod = 1; pod <= firstMountRounds; pod += 1) {
    // An account of its own, so that nothing is known of it: a login and a read for each object.
    times.push(await mounts.time({ dialect, pod, serviceAccount: `first-${objects}-${pod}`, parameters }));
  }
  const loaded = objects === objectCount ? ` (first of the process, SDK loaded: ${cold.toFixed(0)} ms)` : "";
  return {
    what: `first mount of a pod, ${objects} objects, ${dialect} at 20 ms a call, median of ${firstMountRounds}`,
    measured: `${median(times).toFixed(0)} ms${loaded}`,
    against: `today's Go provider: ${today}`,
    goal: `<= ${goal} ms`,
    holds: median(times) <= goal,
  };
}

async function storm(mounts: Mounts): Promise<Row> {
  await mounts.time({ dialect: "latchkey", pod: 0 });
  const times = await mounts.timeAll(podsOf("latchkey", pods));
  const p99 = quantile(times, 0.99);
  return {
    what: `${pods} pods at once, ${objectCount} objects each, file store, p99`,
    measured: `${p99.toFixed(0)} ms, no error`,
    against: "-",
    goal: "< 500 ms, no error",
    holds: p99 < 500,
  };
}
