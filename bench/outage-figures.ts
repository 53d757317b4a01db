import { setTimeout as sleep } from "node:timers/promises";
import { connectMounts, type Mounts, podsOf } from "./mounts.ts";
import { startLatchkey } from "./programs.ts";
import type { BenchStores } from "./stores.ts";
import { quantile, type Row } from "./table.ts";

const pods = 110;
const rounds = 10;
const login = { method: "POST", path: /login$/ } as const;
const read = { method: "GET", path: /^\/v1\/secret\// } as const;

/** Measures what a storm of pods costs the store, and how long it takes at 20 ms a call. */
export async function measureStorms(stores: BenchStores): Promise<readonly Row[]> {
  const latchkey = await startLatchkey(stores.flags);
  const mounts = await connectMounts(latchkey.socketDir, stores);
  await mounts.time({ dialect: "vault", pod: 0, serviceAccount: "warm" }); // loads the store's client
  stores.vault.resetCounts();
  const one = Math.max(...(await mounts.timeAll(podsOf("vault", pods))));
  const calls = { logins: stores.vault.count(login), reads: stores.vault.count(read) };
  stores.vault.resetCounts();
  for (let round = 0; round < rounds; round += 1) await mounts.timeAll(podsOf("vault", pods));
  const again = stores.vault.count();
  const many = podsOf("vault", pods).map((pod) => ({ ...pod, serviceAccount: `storm-${pod.pod}` }));
  const apart = Math.max(...(await mounts.timeAll(many)));
  await mounts.close();
  await latchkey.stop();
  return [
    {
      what: `${pods} pods x 10 secrets at once, one service account: calls`,
      measured: `${calls.logins} login, ${calls.reads} reads`,
      against: "today: 110 logins, 1,100 reads",
      goal: "1 login, 10 reads",
      holds: calls.logins === 1 && calls.reads === 10,
    },
    timed("the same at 20 ms a call", one, "today: 20 s", 350),
    timed("the same with 110 service accounts", apart, "today: 20 s", 1_200),
    {
      what: `${rounds} rounds of remounts of those pods within refresh: calls`,
      measured: String(again),
      against: "today: 12,100",
      goal: "0",
      holds: again === 0,
    },
  ];
}

/** Mounts while the store refuses and hangs, and the way back. */
export async function measureOutage(stores: BenchStores): Promise<readonly Row[]> {
  const latchkey = await startLatchkey([...stores.flags, "--refresh", "0s"]);
  const mounts = await connectMounts(latchkey.socketDir, stores);
  await mounts.time({ dialect: "vault", pod: 0 });
  const rows: Row[] = [];
  for (const [fault, begin] of [
    ["refuses", () => stores.vault.refuse()],
    ["hangs", async () => stores.vault.inject({ kind: "hang" })],
  ] as const) {
    await begin();
    const first = await mounts.time({ dialect: "vault", pod: 1 });
    rows.push(timed(`store ${fault}: first mount of a new pod that finds out`, first, "today: never", 2_000));
    const times: number[] = [];
    for (let pod = 2; pod < 202; pod += 1) times.push(await mounts.time({ dialect: "vault", pod }));
    rows.push(timed(`store ${fault}: p99 of 200 mounts after that`, quantile(times, 0.99), "today: never", 50));
    stores.vault.clearFaults();
    await stores.vault.accept();
    rows.push(
      timed(
        `store ${fault}, then heals: until it is asked and answers again`,
        await recovery(mounts, stores),
        "-",
        5_000,
      ),
    );
  }
  await mounts.close();
  await latchkey.stop();
  return rows;
}

/** Milliseconds until a read reaches the store again, by mounts every 100 ms. */
async function recovery(mounts: Mounts, stores: BenchStores): Promise<number> {
  stores.vault.resetCounts();
  const healed = performance.now();
  while (stores.vault.count(read) < 10 && performance.now() - healed < 30_000) {
    await mounts.time({ dialect: "vault", pod: 1_000 });
    await sleep(100);
  }
  return performance.now() - healed;
}

function timed(what: string, ms: number, against: string, goal: number): Row {
  return { what, measured: `${ms.toFixed(0)} ms`, against, goal: `<= ${goal} ms`, holds: ms <= goal };
}
