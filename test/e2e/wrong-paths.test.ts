import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type OpenBao, startOpenBao } from "../servers/openbao.ts";
import { enableKv, letEverybodyRead, putKv1, putKv2 } from "../servers/openbao-setup.ts";
import { type FaultyProxy, startProxy } from "../servers/proxy.ts";
import { createTokenIssuer, type TokenIssuer } from "../tokens.ts";
import { startNode, type TestNode } from "./node.ts";

let issuer: TokenIssuer;
let bao: OpenBao;
let proxy: FaultyProxy;
let node: TestNode;

beforeAll(async () => {
  issuer = await createTokenIssuer();
  bao = await startOpenBao();
  proxy = await startProxy(bao.address);
  await letEverybodyRead(bao, issuer.publicKeyPem(), ["*"]);
  await putKv2(bao, "shop/db", { v: "good" });
  await enableKv(bao, "old", 1);
  await putKv1(bao, "db", { v: "good" }, "old");
});

afterEach(async () => {
  await proxy.accept();
  await node?.stop();
});

afterAll(async () => {
  await proxy?.stop();
  await bao?.stop();
});

async function start(): Promise<void> {
  const flags = { allowAddress: "127.0.0.1", refresh: "0s", denyMemory: "0s", staleAfter: "10s" };
  node = await startNode({ issuer, flags });
}

/** A secret whose absence would be covered, in every way that there is. */
function volume(name: string, how: string) {
  const parameters = {
    stores: `v: { kind: vault, address: "${proxy.url}", role: all }`,
    secrets: `- { store: v, name: ${name}, as: s, ${how} }`,
  };
  return { provider: "latchkey", audiences: ["vault"], parameters };
}

const wrong: readonly [name: string, says: RegExp][] = [
  ["secret/shop/db", /LK0046 secrets\[0\].*write data\/ after the mount.*"secret\/data\/shop\/db"/],
  ["nomount/data/db", /LK0046 secrets\[0\].*no handler for route.*the mount of a secrets engine/],
];
const covers: readonly [what: string, how: string][] = [
  ["a default", "files: [{ path: f, key: v }], default: none"],
  ["a default of a file", "files: [{ path: f, key: v, default: none }]"],
  ["optional", "files: [{ path: f, key: v }], optional: true"],
  ["an optional expansion", "expand: { path: x/ }, optional: true"],
];

describe.each(wrong)("the wrong path %s", (name, says) => {
  it.each(covers)("is not covered by %s", async (_, how) => {
    await start();
    const error = await node.publishError(volume(name, how));
    expect([error.code, error.message]).toEqual(["INVALID_ARGUMENT", expect.stringMatching(says)]);
  });
});

describe("a KV engine of version 1 that becomes one of version 2", () => {
  it("leaves the pod its file, and the node the value for the next outage", async () => {
    await start();
    const known = volume("old/db", "files: [{ path: f, key: v }], default: none");
    const { target } = await node.publish(known);
    await bao.request("POST", "sys/mounts/old/tune", { options: { version: "2" } });
    let masked: string | undefined;
    while (masked === undefined) {
      const again = await node.publish(known);
      masked = again.masked?.message;
      expect(await readFile(join(target, "f"), "utf8")).toBe("good");
      // While the engine upgrades itself it cannot be asked.
      if (masked === undefined) expect(node.mounts().at(-1)).toMatchObject({ result: "ok", stale: 1 });
    }
    expect(masked).toMatch(/LK0046 secrets\[0\]/);
    await proxy.refuse();
    const other = await node.publish({ ...known, pod: { name: "pod-2", uid: "uid-2" } });
    expect(await readFile(join(other.target, "f"), "utf8")).toBe("good");
    expect(node.mounts().at(-1)).toMatchObject({ result: "ok", stale: 1 });
  });
});
