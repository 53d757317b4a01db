import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createDriver, mountRequest } from "../test/driver.ts";
import { createKmsKey } from "../test/servers/kms-key.ts";
import { startMoto } from "../test/servers/moto.ts";
import { startProxy } from "../test/servers/proxy.ts";
import { type AgePair, makeAgePair } from "../test/stores/sops/age.ts";
import { openSopsTool } from "../test/stores/sops/tool.ts";
import { createTokenIssuer } from "../test/tokens.ts";
import { residentMiB, startLatchkey } from "./programs.ts";
import { median, printTable, type Row } from "./table.ts";

const latencyMs = 20;
const rounds = 20;
const region = "eu-west-1";
const roleArn = "arn:aws:iam::123456789012:role/bench";
const values = Array.from({ length: 50 }, (_, at) => `key_${at}: ${"s".repeat(40)}\n`).join("");

/** Measures mounts of a document of 50 values, by AWS KMS behind 20 ms a call and by age, and the memory that they take. */
export async function measureSops(): Promise<readonly Row[]> {
  const byAge = await memoryRow("age");
  const byKms = await memoryRow("kms");
  const bench = await startBench();
  try {
    return [...(await firstMounts(bench)), await ageMounts(bench), byAge, byKms];
  } finally {
    await bench.stop();
  }
}

type Bench = Awaited<ReturnType<typeof startBench>>;

async function startBench() {
  const directory = await mkdtemp(join(tmpdir(), "lkb-sops-"));
  const [issuer, moto, pair] = await Promise.all([createTokenIssuer(), startMoto(), makeAgePair()]);
  const proxy = await startProxy(moto.url, { latencyMs });
  const documents = await encrypted(moto.url, pair);
  await writeFile(join(directory, "jwks.json"), JSON.stringify(issuer.jwks()));
  await writeFile(join(directory, "age.txt"), pair.file);
  const latchkey = await startLatchkey([
    ...["--providers", "latchkey", "--token-keys", join(directory, "jwks.json"), "--token-issuer", issuer.issuer],
    ...["--aws-endpoint-url", proxy.url, "--sops-age-key-file", join(directory, "age.txt")],
  ]);
  await sleep(2_000);
  const driver = createDriver({ socketDir: latchkey.socketDir });
  const prepare = async (pod: number, serviceAccount: string, by: keyof typeof documents) => {
    const who = { namespace: "shop", serviceAccount };
    const secret = { store: "git", ciphertext: documents[by], expand: { path: "" } };
    const request = mountRequest({
      ...{ provider: "latchkey", targetRoot: directory, tokens: await issuer.tokens(who, ["sts.amazonaws.com"]) },
      pod: { ...who, name: `pod-${pod}`, uid: `uid-${pod}` },
      parameters: {
        stores: by === "age" ? "git: { kind: sops }" : `git: { kind: sops, aws: { roleArn: "${roleArn}" } }`,
        secrets: JSON.stringify([secret]),
      },
    });
    return async () => {
      const before = performance.now();
      await driver.mount("latchkey", request);
      return performance.now() - before;
    };
  };
  return {
    prepare,
    pid: latchkey.child.pid,
    calls: () => {
      const count = proxy.count();
      proxy.resetCounts();
      return count;
    },
    async stop() {
      driver.close();
      await latchkey.stop();
      await Promise.all([proxy.stop(), moto.stop()]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function encrypted(endpoint: string, pair: AgePair) {
  const tool = await openSopsTool(pair.file);
  try {
    tool.env({
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_REGION: region,
    });
    const arn = await createKmsKey(endpoint, region);
    const by = (...key: readonly string[]) => tool.encrypt(values, "yaml", [...key, "--filename-override", "x.yaml"]);
    return { kms: await by("--kms", arn), age: await by("--age", pair.recipient) };
  } finally {
    await tool.stop();
  }
}

async function firstMounts(bench: Bench): Promise<readonly Row[]> {
  const cold = await (await bench.prepare(0, "cold", "kms"))();
  const times: number[] = [];
  const again: number[] = [];
  let calls = 0;
  for (let pod = 1; pod <= rounds; pod += 1) {
    times.push(await (await bench.prepare(pod, `first-${pod}`, "kms"))());
    bench.calls();
    again.push(await (await bench.prepare(1_000 + pod, `first-${pod}`, "kms"))());
    calls += bench.calls();
  }
  return [
    {
      what: `sops: first mount of a pod, 50 values by AWS KMS with STS, at ${latencyMs} ms a call, median of ${rounds}`,
      measured: `${median(times).toFixed(0)} ms (first of the process: ${cold.toFixed(0)} ms)`,
      against: "-",
      goal: "<= 60 ms",
      holds: median(times) <= 60,
    },
    {
      what: "sops: a second pod of that account, 50 values",
      measured: `${median(again).toFixed(1)} ms, ${calls} calls`,
      against: "-",
      goal: "0 calls",
      holds: calls === 0,
    },
  ];
}

async function ageMounts(bench: Bench): Promise<Row> {
  const times: number[] = [];
  for (let pod = 1; pod <= rounds; pod += 1) times.push(await (await bench.prepare(2_000 + pod, "age", "age"))());
  const measured = `${median(times).toFixed(1)} ms`;
  return {
    what: `sops: mount of 50 values by age, median of ${rounds}`,
    measured,
    against: "-",
    goal: "-",
    holds: true,
  };
}

/** The memory of a process that has made one mount, beside the same before. */
async function memoryRow(by: "age" | "kms"): Promise<Row> {
  const bench = await startBench();
  try {
    const idle = await residentMiB(bench.pid);
    await (await bench.prepare(0, "one", by))();
    await sleep(2_000);
    const more = (await residentMiB(bench.pid)) - idle;
    return {
      what: `sops: memory of the store loaded, after one mount by ${by === "age" ? "age" : "AWS KMS"}, beside no store`,
      measured: `${more.toFixed(1)} MiB more`,
      against: "-",
      goal: "<= 6 MiB",
      holds: more <= 6,
    };
  } finally {
    await bench.stop();
  }
}

// `node bench/sops-figures.ts`: these figures alone.
if (import.meta.main) printTable(await measureSops());
