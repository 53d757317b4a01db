import { setTimeout as sleep } from "node:timers/promises";
import { connectMounts, podsOf } from "./mounts.ts";
import { openSockets, residentMiB, startLatchkey } from "./programs.ts";
import type { BenchStores } from "./stores.ts";
import type { Row } from "./table.ts";

const pods = 110;
const mountCount = 1_500;
const accounts = 15;

/** Measures what a storm of pods costs AWS, and what many mounts of pods leave behind. */
export async function measureAws(stores: BenchStores): Promise<readonly Row[]> {
  return [...(await awsStorm(stores)), ...(await awsMounts(stores))];
}

async function awsStorm(stores: BenchStores): Promise<readonly Row[]> {
  const latchkey = await startLatchkey(stores.flags);
  const mounts = await connectMounts(latchkey.socketDir, stores);
  await mounts.time({ dialect: "aws", pod: 0, serviceAccount: "warm" }); // loads the SDK
  stores.takeAwsCalls();
  const last = Math.max(...(await mounts.timeAll(podsOf("aws", pods))));
  const { logins, reads } = stores.takeAwsCalls();
  await mounts.close();
  await latchkey.stop();
  return [
    {
      what: `aws: ${pods} pods x 10 secrets at once, one service account: calls`,
      measured: `${logins} STS call, ${reads} reads, ${last.toFixed(0)} ms at 20 ms a call`,
      against: "today: 110 STS calls, 1,100 reads, 20 s",
      goal: "1 STS call, 10 reads",
      holds: logins === 1 && reads === 10,
    },
  ];
}

/** Each mount is another pod's and, as nothing is fresh, reads all of its secrets. */
async function awsMounts(stores: BenchStores): Promise<readonly Row[]> {
  const latchkey = await startLatchkey([...stores.flags, "--refresh", "0s"]);
  const mounts = await connectMounts(latchkey.socketDir, stores);
  for (let pod = 0; pod < mountCount; pod += 1) {
    await mounts.time({ dialect: "aws", pod, serviceAccount: `account-${pod % accounts}` });
  }
  await sleep(2_000);
  const memory = await residentMiB(latchkey.child.pid);
  const sockets = await openSockets(latchkey.child.pid);
  const { logins, reads } = stores.takeAwsCalls();
  await mounts.close();
  await latchkey.stop();
  return [
    {
      what: `aws: ${mountCount} mounts of pods, ${accounts} service accounts, ${logins} STS calls, ${reads} reads: memory`,
      measured: `${memory.toFixed(0)} MiB`,
      against: "today: 201 MB, then killed in its chart's limit",
      goal: "<= 140 MiB",
      holds: memory <= 140,
    },
    {
      what: "the same: open sockets, those that serve the driver included",
      measured: String(sockets),
      against: "today: 2,994 descriptors",
      goal: "none per mount (<= 40)",
      holds: sockets <= 40,
    },
  ];
}
