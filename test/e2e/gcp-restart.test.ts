import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { clusterPool, type GcpServer, gcpEndpoints, startGcp } from "../servers/gcp.ts";
import { createTokenIssuer, type TokenIssuer } from "../tokens.ts";
import { startNode, type TestNode } from "./node.ts";

let issuer: TokenIssuer;
let gcp: GcpServer;
let directory: string;
let node: TestNode | undefined;

beforeAll(async () => {
  issuer = await createTokenIssuer();
  gcp = await startGcp();
  gcp.addSecret("db", "hunter2");
});

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "lk-cache-"));
  await chmod(directory, 0o700);
});

afterEach(async () => {
  await node?.stop();
  gcp.answerNormally();
  gcp.server.requests.length = 0;
  await rm(directory, { recursive: true, force: true });
});

afterAll(async () => await gcp?.stop());

async function restart(key = "k".repeat(32)): Promise<TestNode> {
  await node?.stop();
  node = await startNode({
    issuer,
    flags: async (own) => {
      await writeFile(join(own, "key"), key);
      const cache = { cacheDir: directory, cacheKeyFile: join(own, "key"), allowDiskCache: "true", refresh: "0s" };
      return { providers: "gcp", gcpImpersonation: "none", ...cache, ...gcpEndpoints(gcp.url) };
    },
  });
  return node;
}

const volume = (uid: string, serviceAccount: string, name = "projects/shop-prod/secrets/db") => ({
  provider: "gcp",
  parameters: { secrets: `- { resourceName: ${name}/versions/latest, path: a }` },
  audiences: [clusterPool],
  volume: uid,
  pod: { uid, name: uid, serviceAccount },
});

describe("what the metadata server told of the cluster", () => {
  it("stands in for it after a restart, for pods that nobody knows yet", async () => {
    await (await restart()).publish(volume("one", "payments"));
    gcp.answerNext(/computeMetadata/, "reset", 1_000);
    const after = await restart();
    const { target } = await after.publish(volume("two", "other"));
    expect(await readFile(join(target, "a"), "utf8")).toBe("hunter2");
    // Read from Secret Manager, not from the cache: that account had nothing there.
    expect(after.mounts().at(-1)).toMatchObject({ result: "ok", stale: 0 });
    expect(gcp.count(/computeMetadata/)).toBeGreaterThan(0);
  });

  it("is asked for again where the metadata server answers, and is not believed with another key", async () => {
    await (await restart()).publish(volume("one", "payments"));
    const before = gcp.count(/cluster-name$/);
    await (await restart()).publish(volume("two", "payments"));
    expect(gcp.count(/cluster-name$/)).toBe(before + 1);
    gcp.answerNext(/computeMetadata/, "reset", 1_000);
    const { message } = await (await restart("o".repeat(32))).publishError(volume("three", "other"));
    expect(message).toMatch(/LK0030 .*the metadata server of this node does not tell/);
  });

  it("is sealed", async () => {
    await (await restart()).publish(volume("one", "payments"));
    await node?.stop();
    const files = await readdir(directory);
    const contents = await Promise.all(files.map((file) => readFile(join(directory, file), "latin1")));
    expect(contents.length).toBeGreaterThan(2);
    for (const text of [...files, ...contents]) expect(text).not.toMatch(/shop-prod|europe-west1|metadata|hunter2/);
  });
});
