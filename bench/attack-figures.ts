import { setTimeout as sleep } from "node:timers/promises";
import { type Attack, attacks } from "../test/attacks.ts";
import { connectMounts, type Mount, type Mounts } from "./mounts.ts";
import { startLatchkey } from "./programs.ts";
import type { BenchStores } from "./stores.ts";
import { quantile, type Row } from "./table.ts";

const quietPods = 4;
const mountsOfEach = 400;
const pauseMs = 5;

/** Attacks from one namespace, one behind the other without a pause, beside the cached mounts of another. */
export async function measureAttacks(stores: BenchStores): Promise<readonly Row[]> {
  const latchkey = await startLatchkey(stores.flags);
  const mounts = await connectMounts(latchkey.socketDir, stores);
  const pods = await Promise.all(
    Array.from({ length: quietPods }, (_, pod) => mounts.prepare({ dialect: "vault", pod })),
  );
  await quietTimes(pods);
  const without = quantile(await quietTimes(pods), 0.99);
  const rows: Row[] = [];
  for (const [family, kinds] of Map.groupBy(attacks, (each) => each.family)) {
    const prepared = await Promise.all(kinds.map((each) => prepare(mounts, stores, each)));
    rows.push(rowOf(family, without, await beside(pods, prepared)));
  }
  await mounts.close();
  await latchkey.stop();
  return rows;
}

interface Measured {
  readonly p99: number;
  readonly count: number;
  readonly slowest: number;
}

function rowOf(family: string, without: number, { p99, count, slowest }: Measured): Row {
  return {
    what: `attacks by ${family} without a pause (${count}): p99 of others' cached mounts; slowest to be refused or stopped`,
    measured: `${p99.toFixed(0)} ms, ${(p99 / without).toFixed(1)} x; ${slowest.toFixed(0)} ms`,
    against: `p99 without attacks: ${without.toFixed(0)} ms`,
    goal: "<= 50 ms; < 1000 ms",
    holds: p99 <= 50 && slowest < 1_000,
  };
}

async function beside(pods: readonly Mount[], prepared: readonly Mount[]): Promise<Measured> {
  const over = new AbortController();
  const attacking = attackUntil(over.signal, prepared);
  const p99 = quantile(await quietTimes(pods), 0.99);
  over.abort();
  return { p99, ...(await attacking) };
}

/** An attack as a mount that can be sent again and again, and fails or not. */
async function prepare(mounts: Mounts, stores: BenchStores, { secrets, templates }: Attack): Promise<Mount> {
  const parameters = {
    stores: `vault: { kind: vault, address: "${stores.vault.url}", role: bench }`,
    secrets: secrets("secret/data/attacked"),
    ...(templates === undefined ? {} : { templates }),
  };
  const send = await mounts.prepare({ dialect: "latchkey", pod: 1_000, namespace: "attacker", parameters });
  return async () => {
    const before = performance.now();
    await send().catch(() => undefined);
    return performance.now() - before;
  };
}

/** One attack after the other, each kind once at least. */
async function attackUntil(over: AbortSignal, prepared: readonly Mount[]) {
  let [count, slowest] = [0, 0];
  while (count < prepared.length || !over.aborted) {
    slowest = Math.max(slowest, (await prepared[count % prepared.length]?.()) ?? 0);
    count += 1;
  }
  return { count, slowest };
}

/** Milliseconds of each mount, by some pods that mount over and over. */
async function quietTimes(pods: readonly Mount[]): Promise<readonly number[]> {
  const run = async (mount: Mount) => {
    const times: number[] = [];
    for (let turn = 0; turn < mountsOfEach; turn += 1) {
      times.push(await mount());
      await sleep(pauseMs);
    }
    return times;
  };
  return (await Promise.all(pods.map(run))).flat();
}
