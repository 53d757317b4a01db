import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type OpenBao, startOpenBao } from "../servers/openbao.ts";
import { letEverybodyRead, putKv2 } from "../servers/openbao-setup.ts";
import { type FaultyProxy, startProxy } from "../servers/proxy.ts";
import { createTokenIssuer, type TokenIssuer } from "../tokens.ts";
import { type NodeOptions, startNode, type TestNode } from "./node.ts";

const provider = "vault";
const audiences = ["vault"];
const names = Array.from({ length: 10 }, (_, index) => `s${index}`);

let issuer: TokenIssuer;
let bao: OpenBao;
let proxy: FaultyProxy;
let nodes: TestNode[] = [];

beforeAll(async () => {
  issuer = await createTokenIssuer();
  bao = await startOpenBao();
  proxy = await startProxy(bao.address);
  await letEverybodyRead(bao, issuer.publicKeyPem());
  await Promise.all(names.map((name) => putKv2(bao, name, { v: name })));
});

afterEach(async () => {
  await proxy.accept();
  proxy.clearFaults();
  proxy.resetCounts();
  await Promise.all(nodes.map((node) => node.stop()));
  nodes = [];
});

afterAll(async () => {
  await proxy?.stop();
  await bao?.stop();
});

async function start(flags: NodeOptions["flags"] & object = {}): Promise<TestNode> {
  const node = await startNode({ issuer, flags: { allowAddress: "127.0.0.1", ...flags } });
  nodes.push(node);
  return node;
}

function volume(objects: readonly string[] = names, more: Record<string, string> = {}) {
  const list = objects
    .map((name) => `- { objectName: ${name}, secretPath: secret/data/${name}, secretKey: v }`)
    .join("\n");
  return { provider, audiences, parameters: { vaultAddress: proxy.url, roleName: "all", objects: list, ...more } };
}

const reads = { method: "GET", path: /^\/v1\/secret\// } as const;
const logins = { method: "POST", path: /login$/ } as const;
const pod = (index: number) => ({ name: `pod-${index}`, uid: `uid-${index}` });

describe("a storm of pods", () => {
  it("of one service account costs the store one login and one read a secret", async () => {
    const node = await start();
    const volumes = await Promise.all(
      Array.from({ length: 110 }, (_, index) => node.publish({ ...volume(), pod: pod(index) })),
    );
    expect([proxy.count(logins), proxy.count(reads)]).toEqual([1, 10]);
    for (const { target } of volumes) expect(await readFile(join(target, "s3"), "utf8")).toBe("s3");
  });

  it("that remounts within `refresh` costs the store nothing", async () => {
    const node = await start();
    await node.publish(volume());
    proxy.resetCounts();
    for (let round = 0; round < 10; round += 1) {
      await Promise.all(Array.from({ length: 20 }, (_, index) => node.publish({ ...volume(), pod: pod(index) })));
    }
    expect(proxy.count()).toBe(0);
    expect(node.mounts().at(-1)).toMatchObject({ cached: 10, fetched: 0, stale: 0 });
  });

  it("of several service accounts shares nothing between them", async () => {
    const node = await start();
    const accounts = ["a", "b", "c"];
    await Promise.all(
      accounts.flatMap((serviceAccount) =>
        [0, 1].map((index) =>
          node.publish({ ...volume(), pod: { serviceAccount, ...pod(index), uid: `${serviceAccount}-${index}` } }),
        ),
      ),
    );
    expect([proxy.count(logins), proxy.count(reads)]).toEqual([3, 30]);
  });

  it("with tokens that prove nothing shares nothing, not even with itself", async () => {
    const node = await start();
    const forged = await createTokenIssuer();
    const tokens = await forged.tokens({ namespace: "shop", serviceAccount: "payments" }, audiences);
    await node.publish({ ...volume(["s0"]), volume: "good" });
    proxy.resetCounts();
    const { audiences: _, ...request } = volume(["s0"]);
    const errors = await Promise.all([0, 1].map((index) => node.publishError({ ...request, tokens, pod: pod(index) })));
    expect(errors.map(({ code }) => code)).toEqual(["UNAUTHENTICATED", "UNAUTHENTICATED"]);
    expect(proxy.count(logins)).toBe(2);
    await node.publish({ ...volume(["s0"]), volume: "again" });
    expect(proxy.count(reads)).toBe(0);
  });
});

describe("while the store is away", () => {
  const faults: readonly [string, () => void | Promise<void>][] = [
    ["refuses connections", () => proxy.refuse()],
    ["resets", () => proxy.inject({ kind: "reset" })],
    ["resets in the middle of a body", () => proxy.inject({ kind: "resetMidBody", afterBytes: 10 })],
    ["hangs", () => proxy.inject({ kind: "hang" })],
    ["answers 503", () => proxy.inject({ kind: "answer", status: 503, body: '{"errors":["Vault is sealed"]}' })],
    ["answers 429", () => proxy.inject({ kind: "answer", status: 429, body: '{"errors":["slow down"]}' })],
  ];
  it.each(faults)("and %s, a new pod gets what the node knows, and a new secret gets an error", async (_, fail) => {
    const node = await start({ refresh: "0s", staleAfter: "300ms", mountTimeout: "2s" });
    await node.publish(volume());
    await fail();
    const { target } = await node.publish({ ...volume(), pod: pod(1) });
    expect(await readFile(join(target, "s7"), "utf8")).toBe("s7");
    expect(node.mounts().at(-1)).toMatchObject({ result: "ok", stale: 10 });
    expect(node.log.some(({ msg }) => msg === "stale secrets served because their store cannot be reached")).toBe(true);
    const error = await node.publishError({ ...volume(["unknown"]), pod: pod(2) });
    expect([error.code, error.uncertain]).toEqual(["FAILED_PRECONDITION", false]);
    expect(error.message).toMatch(/LK003[01]|LK0041|LK0006/);
    proxy.clearFaults();
    await proxy.accept();
    await putKv2(bao, "healed", { v: "1" });
    for (let tries = 0; ; tries += 1) {
      const healed = await node.publish({ ...volume(["healed"]), pod: pod(3) }).catch((thrown: Error) => thrown);
      if (!(healed instanceof Error)) break;
      if (tries === 100) throw healed;
      await sleep(100);
    }
  });

  it("for longer than --max-stale, it gets an error", async () => {
    const node = await start({ refresh: "0s", maxStale: "1ms", staleAfter: "300ms" });
    await node.publish(volume(["s0"]));
    await proxy.refuse();
    await sleep(5);
    expect((await node.publishError({ ...volume(["s0"]), pod: pod(1) })).code).toBe("FAILED_PRECONDITION");
  });
});

describe("what the store says", () => {
  it("against a secret counts at once: it is dropped and not served when the store goes away", async () => {
    const node = await start({ refresh: "0s", denyMemory: "0s" });
    await putKv2(bao, "gone", { v: "1" });
    await node.publish(volume(["gone"]));
    await bao.request("DELETE", "secret/data/gone");
    expect((await node.publishError({ ...volume(["gone"]), pod: pod(1) })).code).toBe("NOT_FOUND");
    await proxy.refuse();
    const error = await node.publishError({ ...volume(["gone"]), pod: pod(2) });
    expect(error.code).toBe("FAILED_PRECONDITION");
  });

  it("against an identity is remembered for --deny-memory, so that a crash loop costs nothing", async () => {
    const node = await start({ denyMemory: "1h" });
    const request = {
      ...volume(["s0"]),
      parameters: {
        ...volume(["s0"]).parameters,
        objects: "- { objectName: a, secretPath: sys/mounts, secretKey: b }",
      },
    };
    expect((await node.publishError(request)).code).toBe("PERMISSION_DENIED");
    const before = proxy.count();
    expect((await node.publishError({ ...request, pod: pod(1) })).code).toBe("PERMISSION_DENIED");
    expect(proxy.count()).toBe(before);
  });

  it("of an old session counts after one fresh login only", async () => {
    const node = await start({ refresh: "0s" });
    await node.publish(volume(["s0"]));
    proxy.inject(
      { kind: "answer", status: 403, body: '{"errors":["permission denied"]}' },
      {
        ...reads,
        times: 1,
      },
    );
    // A young session is believed.
    expect((await node.publishError({ ...volume(["s0"]), pod: pod(1) })).code).toBe("PERMISSION_DENIED");
  });

  it("is asked anew for values older than notBefore", async () => {
    const node = await start();
    await node.publish(volume(["s0"]));
    proxy.resetCounts();
    await node.publish({ ...volume(["s0"], { notBefore: "2020-01-01T00:00:00Z" }), pod: pod(1) });
    expect(proxy.count(reads)).toBe(0);
    const now = new Date(Date.now() + 1).toISOString();
    await sleep(5);
    await node.publish({ ...volume(["s0"], { notBefore: now }), pod: pod(2) });
    await node.publish({ ...volume(["s0"], { notBefore: now }), pod: pod(3) });
    expect(proxy.count(reads)).toBe(1);
    const error = await node.publishError({ ...volume(["s0"], { notBefore: "soon" }), pod: pod(4) });
    expect([error.code, error.message]).toEqual([
      "INVALID_ARGUMENT",
      expect.stringContaining('LK0003 notBefore: "soon" is not a time'),
    ]);
  });
});
