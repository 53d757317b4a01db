import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type OpenBao, startOpenBao } from "../servers/openbao.ts";
import { letEverybodyRead, putKv2 } from "../servers/openbao-setup.ts";
import { type FaultyProxy, startProxy } from "../servers/proxy.ts";
import { createTokenIssuer, type TokenIssuer } from "../tokens.ts";
import { startNode, type TestNode } from "./node.ts";

let issuer: TokenIssuer;
let bao: OpenBao;
let proxy: FaultyProxy;
let directory: string;
let node: TestNode | undefined;

beforeAll(async () => {
  issuer = await createTokenIssuer();
  bao = await startOpenBao();
  proxy = await startProxy(bao.address);
  await letEverybodyRead(bao, issuer.publicKeyPem());
  await putKv2(bao, "db", { password: "hunter2" });
});

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "lk-cache-"));
  await chmod(directory, 0o700);
});

afterEach(async () => {
  await node?.stop();
  await proxy.accept();
  await rm(directory, { recursive: true, force: true });
});

afterAll(async () => {
  await proxy?.stop();
  await bao?.stop();
});

async function restart(key = "k".repeat(32)): Promise<TestNode> {
  await node?.stop();
  node = await startNode({
    issuer,
    flags: async (own) => {
      await writeFile(join(own, "key"), key);
      return {
        allowAddress: "127.0.0.1",
        cacheDir: directory,
        cacheKeyFile: join(own, "key"),
        allowDiskCache: "true",
        refresh: "0s",
      };
    },
  });
  return node;
}

function volume(name: string, uid: string, serviceAccount = "payments") {
  const objects = `- { objectName: a, secretPath: secret/data/${name}, secretKey: password }`;
  return {
    provider: "vault",
    audiences: ["vault"],
    parameters: { vaultAddress: proxy.url, roleName: "all", objects },
    pod: { uid, serviceAccount },
  };
}

describe("without a key of its own", () => {
  it("the cache is sealed with one that is derived from the key of versions", async () => {
    const own = await mkdtemp(join(tmpdir(), "latchkey-keys-"));
    const key = join(own, "version.key");
    const start = async (bytes: string) => {
      await node?.stop();
      await writeFile(key, bytes);
      const flags = {
        allowAddress: "127.0.0.1",
        cacheDir: directory,
        versionKeyFile: key,
        allowDiskCache: "true",
        refresh: "0s",
      };
      node = await startNode({ issuer, flags });
      return node;
    };
    await (await start("v".repeat(32))).publish(volume("db", "1"));
    await proxy.refuse();
    const after = await start("v".repeat(32));
    await after.publish(volume("db", "2"));
    expect(after.mounts().at(-1)).toMatchObject({ result: "ok", stale: 1 });
    expect((await (await start("w".repeat(32))).publishError(volume("db", "3"))).code).toBe("FAILED_PRECONDITION");
    await rm(own, { recursive: true, force: true });
  });
});

describe("a restart while the store is away", () => {
  it("serves new pods what the process before it had fetched, and nobody else", async () => {
    await (await restart()).publish(volume("db", "1"));
    await proxy.refuse();
    const after = await restart();
    const { target } = await after.publish(volume("db", "2"));
    expect(await readFile(join(target, "a"), "utf8")).toBe("hunter2");
    expect(after.mounts().at(-1)).toMatchObject({ result: "ok", stale: 1 });
    expect((await after.publishError(volume("db", "3", "other"))).code).toBe("FAILED_PRECONDITION");
  });

  it("leaves nothing readable in the directory", async () => {
    await (await restart()).publish(volume("db", "1"));
    await node?.stop();
    const files = await readdir(directory, { recursive: true, withFileTypes: true });
    const contents = await Promise.all(
      files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name), "latin1")),
    );
    expect(contents.length).toBeGreaterThan(0);
    for (const text of [...contents, ...files.map(({ name }) => name)])
      expect(text).not.toMatch(/hunter2|payments|secret\/data/);
  });

  it("serves nothing that the store has denied before it", async () => {
    await putKv2(bao, "gone", { password: "x" });
    const before = await restart();
    await before.publish(volume("gone", "1"));
    await bao.request("DELETE", "secret/data/gone");
    expect((await before.publishError(volume("gone", "2"))).code).toBe("NOT_FOUND");
    await proxy.refuse();
    expect((await (await restart()).publishError(volume("gone", "3"))).code).toBe("FAILED_PRECONDITION");
  });

  it("serves nothing that was sealed with another key", async () => {
    await (await restart()).publish(volume("db", "1"));
    await proxy.refuse();
    const other = await restart("o".repeat(32));
    expect((await other.publishError(volume("db", "2"))).code).toBe("FAILED_PRECONDITION");
  });
});
