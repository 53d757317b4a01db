import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until } from "../cache/until.ts";
import { dataOf } from "../servers/data-of.ts";
import { type KubernetesApi, startKubernetes } from "../servers/kubernetes.ts";
import { createTokenIssuer, type TokenIssuer } from "../tokens.ts";
import { startNode, type TestNode } from "./node.ts";

const provider = "latchkey";
const audiences = ["vault"];
const parameters = {
  stores: "files: { profile: files }",
  secrets: "- { store: files, name: db, files: [{ path: db }] }",
  kubernetesSecrets: "- { name: db, data: { password: { file: db } } }",
};
const pods = Array.from({ length: 3 }, (_, index) => ({ name: `web-${index}`, uid: `uid-${index}` }));

let issuer: TokenIssuer;
let cluster: KubernetesApi;
let node: TestNode | undefined;

beforeEach(async () => {
  issuer = await createTokenIssuer();
  cluster = await startKubernetes(issuer);
  cluster.setClass("shop", "secrets", { provider, parameters });
});

afterEach(async () => {
  await node?.stop();
  await cluster?.stop();
});

async function start(): Promise<TestNode> {
  node = await startNode({
    ...{ issuer, cluster, keysOfApi: true },
    flags: async (directory) => {
      await mkdir(join(directory, "files"));
      await writeFile(join(directory, "version.key"), Buffer.alloc(32, "v"));
      await writeFile(join(directory, "files/db"), "p1");
      return {
        ...{ sync: "true", adminListen: "127.0.0.1:0", providers: "latchkey" },
        versionKeyFile: join(directory, "version.key"),
      };
    },
    config: (directory) => `profiles: { files: { kind: file, directory: ${join(directory, "files")} } }\n`,
  });
  return node;
}

function password(): string | undefined {
  return dataOf(cluster)?.password;
}

async function ask(path: string): Promise<{ readonly status: number; readonly text: string }> {
  const answer = await fetch(`http://127.0.0.1:${node?.adminPort}${path}`);
  return { status: answer.status, text: await answer.text() };
}

async function untilWritten(): Promise<void> {
  await until(() => password() !== undefined);
}

describe("a first mount", () => {
  it("right after the start is proved, and its Kubernetes Secret is there when it is answered", async () => {
    const { publish, mounts } = await start();
    await publish({ provider, parameters, audiences });
    expect([password(), mounts().at(-1)]).toMatchObject(["p1", { proved: true, sync: "unchanged" }]);
  });

  it("of a new pod finds the Secret of a class that was deleted and made anew", async () => {
    const { publish } = await start();
    await publish({ provider, parameters, audiences, pod: pods[0] ?? {} });
    cluster.setClass("shop", "secrets", undefined);
    cluster.setClass("shop", "secrets", { provider, parameters });
    await publish({ provider, parameters, audiences, pod: pods[1] ?? {} });
    await untilWritten();
  });
});

describe("a Kubernetes API that is away at the start", () => {
  it.each(["down", 429, 503, 401] as const)(
    "(%s) keeps no pod from its files, and Secrets come by themselves when it is back",
    async (fault) => {
      cluster.setFault(fault);
      const { publish, mounts, log } = await start();
      for (const pod of pods) await publish({ provider, parameters, audiences, pod });
      expect(mounts().map(({ result, proved, sync }) => [result, proved, sync])).toEqual(
        pods.map(() => ["ok", false, "queued"]),
      );
      const [warning] = log.filter(({ msg }) => String(msg).startsWith("the cluster's token keys cannot be read"));
      expect(warning).toMatchObject({ level: "warn", api: cluster.url, cause: expect.stringMatching(/^LK001[27]: /) });
      const told = log.filter(({ msg }) => String(msg).startsWith("tokens prove no identity"));
      expect(told).toMatchObject([{ level: "warn", unprovedMounts: { no_keys: 1 } }]);
      expect(mounts().at(-1)).toMatchObject({ unproved: "no_keys" });
      const readyz = await ask("/readyz");
      expect([readyz.status, readyz.text]).toEqual([
        200,
        expect.stringMatching(/^ok\nnote: no token can be proved, .*LK001[27]/),
      ]);
      expect((await ask("/metrics")).text).toMatch(/^latchkey_token_keys_known 0$/m);
      cluster.setFault("none");
      await untilWritten();
      expect(await ask("/readyz")).toEqual({ status: 200, text: "ok\n" });
      expect((await ask("/metrics")).text).toMatch(/^latchkey_token_keys_known 1$/m);
      expect(cluster.requests.filter(({ method }) => method === "PATCH").length).toBe(1);
    },
  );
});
