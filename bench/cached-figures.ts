import { setTimeout as sleep } from "node:timers/promises";
import { connectMounts, type Mount, type Mounts } from "./mounts.ts";
import { buildBareServer, cpuMs, type Program, residentMiB, startBare, startLatchkey } from "./programs.ts";
import type { BenchStores } from "./stores.ts";
import type { Row } from "./table.ts";

const concurrency = 16;
const mountCount = 8_000;

interface Rate {
  readonly perSecond: number;
  readonly cpuMs: number;
}

/** Cached mounts of ten objects through the socket, against a bare grpc-js call with a reply of the same size. */
export async function measureCached(stores: BenchStores): Promise<readonly Row[]> {
  const bare = await startBare(await buildBareServer(), 1_000);
  const latchkey = await startLatchkey(stores.flags);
  const bareRate = await rateOf(bare, stores, "latchkey");
  const ours = await rateOf(latchkey, stores, "vault");
  await Promise.all([bare.stop(), latchkey.stop()]);
  return [
    {
      what: `cached mounts of 10 objects, concurrency ${concurrency}, CPU of the server for each`,
      measured: `${ours.cpuMs.toFixed(2)} ms`,
      against: `bare grpc-js call: ${bareRate.cpuMs.toFixed(2)} ms; today: 2.1-2.4 ms`,
      goal: "<= 2 x bare and <= 1 ms",
      holds: ours.cpuMs <= 2 * bareRate.cpuMs && ours.cpuMs <= 1,
    },
    {
      what: `cached mounts of 10 objects, concurrency ${concurrency}`,
      measured: `${ours.perSecond.toFixed(0)} a second`,
      against: `bare grpc-js call: ${bareRate.perSecond.toFixed(0)} a second; today: 5, or 440`,
      goal: ">= 1,000 a second",
      holds: ours.perSecond >= 1_000,
    },
  ];
}

async function rateOf(program: Program, stores: BenchStores, dialect: "vault" | "latchkey"): Promise<Rate> {
  const mounts = await connectMounts(program.socketDir, stores);
  const pods = await Promise.all(Array.from({ length: concurrency }, (_, pod) => mounts.prepare({ dialect, pod })));
  await repeat(pods, 1_000);
  const [before, cpu] = [performance.now(), await cpuMs(program.child.pid)];
  await repeat(pods, mountCount);
  const seconds = (performance.now() - before) / 1_000;
  const used = (await cpuMs(program.child.pid)) - cpu;
  await mounts.close();
  return { perSecond: mountCount / seconds, cpuMs: used / mountCount };
}

async function repeat(pods: readonly Mount[], total: number): Promise<void> {
  const each = Math.floor(total / pods.length);
  const run = async (mount: Mount) => {
    for (let count = 0; count < each; count += 1) await mount();
  };
  await Promise.all(pods.map(run));
}

const secretsPerPod = 100;
const pods = 100;
const secretsPerVolume = 10;

/**
 * Memory with 10,000 cached secrets of 1 KiB, and whether it grows over so many mounts of ten of them each, 16 at a time:
 * after a tenth of the mounts every volume has been mounted many times.
 */
export async function measureManySecrets(stores: BenchStores, mountCount = 100_000): Promise<readonly Row[]> {
  const latchkey = await startLatchkey([...stores.flags, "--refresh", "24h"]);
  const mounts = await connectMounts(latchkey.socketDir, stores);
  stores.vault.setLatency(0);
  stores.vault.inject(
    { kind: "answer", status: 200, body: JSON.stringify({ data: { data: { v: "x".repeat(1_024) } } }) },
    { path: /^\/v1\/many\// },
  );
  for (let pod = 0; pod < pods; pod += 1) await (await prepareMany(mounts, stores, pod, 0, secretsPerPod))();
  stores.vault.clearFaults();
  stores.vault.resetCounts();
  await sleep(1_000);
  const filled = await residentMiB(latchkey.child.pid);
  const volumes = await prepareVolumes(mounts, stores);
  await repeat(volumes, mountCount / 10);
  const early = await residentMiB(latchkey.child.pid);
  await repeat(volumes, (mountCount / 10) * 9);
  const late = await residentMiB(latchkey.child.pid);
  const calls = stores.vault.count();
  await mounts.close();
  await latchkey.stop();
  return [
    {
      what: `${pods * secretsPerPod} cached secrets of 1 KiB, memory`,
      measured: `${filled.toFixed(0)} MiB`,
      against: "-",
      goal: "<= 140 MiB",
      holds: filled <= 140,
    },
    {
      what: `the same after ${mountCount / 10} and after ${mountCount} mounts of ${secretsPerVolume} of them, ${calls} calls`,
      measured: `${early.toFixed(0)} and ${late.toFixed(0)} MiB`,
      against: "-",
      goal: "no growth (10 %)",
      holds: late <= early * 1.1,
    },
  ];
}

async function prepareMany(mounts: Mounts, stores: BenchStores, pod: number, first: number, count: number) {
  const objects = Array.from(
    { length: count },
    (_, index) => `- { objectName: a${index}, secretPath: many/${pod}/${first + index}, secretKey: v }`,
  );
  const parameters = { ...stores.parameters.vault, objects: objects.join("\n") };
  return await mounts.prepare({ dialect: "vault", pod, parameters });
}

/** As many mounts at a time as have a share of the volumes; each goes round in its own. */
async function prepareVolumes(mounts: Mounts, stores: BenchStores): Promise<readonly Mount[]> {
  const volumes: Mount[] = [];
  for (let pod = 0; pod < pods; pod += 1) {
    for (let first = 0; first < secretsPerPod; first += secretsPerVolume) {
      volumes.push(await prepareMany(mounts, stores, pod, first, secretsPerVolume));
    }
  }
  return Array.from({ length: concurrency }, (_, lane) => {
    const own = volumes.filter((_, index) => index % concurrency === lane);
    let turn = 0;
    return async () => {
      turn += 1;
      return (await own[turn % own.length]?.()) ?? 0;
    };
  });
}
