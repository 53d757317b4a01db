import { connectMounts, type Mounts, podsOf } from "./mounts.ts";
import { startLatchkey } from "./programs.ts";
import { type BenchStores, objectCount } from "./stores.ts";
import { median, quantile, type Row } from "./table.ts";

const pods = 110;
const firstMountRounds = 20;

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
