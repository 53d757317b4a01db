import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SocketProbes } from "../src/server/readiness.ts";
import { createWire } from "../src/server/wire.ts";
import { type BenchPod, connectMounts } from "./mounts.ts";
import { buildBareServer, residentMiB, startBare, startLatchkey } from "./programs.ts";
import type { BenchStores } from "./stores.ts";
import type { Row } from "./table.ts";

const settleMs = 2_000;
/** The kubelet's probes and the scrapes of an hour, far faster. */
const probes = { rounds: 300, everyMs: 50 };
const dialects = 4;

/** Memory of the bare server, of Latchkey idle, and with stores loaded. */
export async function measureMemory(stores: BenchStores): Promise<readonly Row[]> {
  const bare = await memoryOfBare();
  const all = await memoryOfAll(stores);
  const base = bare.idle;
  const parameters = `${stores.parameters.aws.objects}\n- { objectName: p, objectType: ssmparameter }`;
  const aws = { dialect: "aws", pod: 0, parameters: { ...stores.parameters.aws, objects: parameters } } as const;
  const vault = { dialect: "vault", pod: 0 } as const;
  return [
    memoryRow("memory idle, no store loaded", await memoryWith(stores, []), base, 15),
    memoryRow("memory idle, every dialect and feature on", all.idle, base, 50),
    memoryRow(
      "the same after an hour's probes and scrapes; bare: after as many Version calls",
      all.probed,
      bare.probed,
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

/** Memory of a process that has everything on and has made no mount, before and after probes and scrapes, in MiB. */
async function memoryOfAll(stores: BenchStores): Promise<{ readonly idle: number; readonly probed: number }> {
  const directory = await mkdtemp(join(tmpdir(), "lkb-"));
  const key = join(directory, "key");
  await writeFile(key, randomBytes(32));
  const latchkey = await startLatchkey(
    [
      ...[...stores.flags, "--providers", "latchkey,vault,openbao,aws", "--admin-listen", "127.0.0.1:0"],
      ...["--admin-socket", join(directory, "admin/latchkey.sock"), "--cache-key-file", key],
      ...["--cache-dir", directory, "--allow-disk-cache", "true", "--sync", "true", "--version-key-file", key],
      ...["--kubernetes-api", "http://127.0.0.1:1"],
      ...["--audit", "required", "--audit-file", join(directory, "audit.log"), "--audit-key-file", key],
    ],
    { versionKey: "given" },
  );
  const port = /"adminPort":(\d+)/.exec(latchkey.child.output())?.[1];
  await sleep(settleMs);
  const idle = await residentMiB(latchkey.child.pid);
  for (let round = 0; round < probes.rounds; round += 1) {
    await sleep(probes.everyMs);
    for (const path of ["metrics", "readyz", "healthz"]) {
      const answer = await fetch(`http://127.0.0.1:${port}/${path}`);
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      await answer.text();
    }
  }
  await sleep(settleMs);
  const probed = await residentMiB(latchkey.child.pid);
  await latchkey.stop();
  await rm(directory, { recursive: true, force: true });
  return { idle, probed };
}

/** Memory of the bare server, before and after as many `Version` calls as those probes make, in MiB. */
async function memoryOfBare(): Promise<{ readonly idle: number; readonly probed: number }> {
  const bare = await startBare(await buildBareServer());
  await sleep(settleMs);
  const idle = await residentMiB(bare.child.pid);
  const client = new SocketProbes(createWire(), [join(bare.socketDir, "latchkey.sock")]);
  for (let round = 0; round < probes.rounds * dialects; round += 1) {
    const { ready, lines } = await client.check();
    if (!ready) throw new Error(lines.join());
  }
  client.close();
  await sleep(settleMs);
  const probed = await residentMiB(bare.child.pid);
  await bare.stop();
  return { idle, probed };
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
