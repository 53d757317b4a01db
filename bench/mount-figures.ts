import { setTimeout as sleep } from "node:timers/promises";
import { connectMounts, type Mounts, podsOf } from "./mounts.ts";
import { buildBareServer, residentMiB, startBare, startLatchkey } from "./programs.ts";
import { type BenchStores, objectCount } from "./stores.ts";
import { median, quantile, type Row } from "./table.ts";

const pods = 110;
const firstMountRounds = 20;
const settleMs = 2_000;

/** Memory of the bare server, of Latchkey idle, and with every store loaded. */
export async function measureMemory(stores: BenchStores): Promise<readonly Row[]> {
  const bare = await startBare(await buildBareServer());
  const idle = await startLatchkey(["--providers", "latchkey,vault,aws"]);
  const loaded = await startLatchkey(stores.flags);
  const mounts = await connectMounts(loaded.socketDir, stores);
  for (const dialect of ["vault", "aws"] as const) await mounts.time({ dialect, pod: 0 });
  await sleep(settleMs);
  const [base, none, all] = await Promise.all([bare, idle, loaded].map(({ child }) => residentMiB(child.pid)));
  await mounts.close();
  await Promise.all([bare.stop(), idle.stop(), loaded.stop()]);
  return [
    memoryRow("memory idle, no store loaded", none, base, 15),
    memoryRow("memory, vault and aws loaded", all, base, 35),
  ];
}

function memoryRow(what: string, measured = 0, base = 0, more = 0): Row {
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
    await firstMount(mounts, "vault", 75, 240),
    await firstMount(mounts, "aws", 75, 240),
    await storm(mounts),
  ];
  await mounts.close();
  await latchkey.stop();
  return rows;
}

async function firstMount(mounts: Mounts, dialect: "vault" | "aws", goal: number, today: number): Promise<Row> {
  const cold = await mounts.time({ dialect, pod: 0 });
  const times: number[] = [];
  for (let pod = 1; pod <= firstMountRounds; pod += 1) {
    // An account of its own, so that nothing is known of it: a login and ten reads.
    times.push(await mounts.time({ dialect, pod, serviceAccount: `first-${pod}` }));
  }
  return {
    what: `first mount of a pod, ${objectCount} objects, ${dialect} at 20 ms a call, median of ${firstMountRounds}`,
    measured: `${median(times).toFixed(0)} ms (first of the process, SDK loaded: ${cold.toFixed(0)} ms)`,
    against: `today's Go provider: ${today}-260 ms`,
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
