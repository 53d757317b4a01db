import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { StoreHost } from "../../../src/stores/host.ts";
import type { VaultHost } from "../../../src/stores/vault/host.ts";
import { RateLimit, type Waiting } from "../../../src/stores/vault/rate-limit.ts";
import { serversOf } from "../../../src/stores/vault/srv.ts";
import { startForwardProxy } from "../../servers/forward-proxy.ts";
import { outcomesOf } from "../outcomes.ts";
import { type ScriptedVault, startScriptedVault } from "./scripted-vault.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const quiet: VaultHost = { headers: new Map(), followRedirects: true, srvLookup: false };

async function scene(...options: Parameters<typeof startScriptedVault>): Promise<ScriptedVault> {
  const vault = await startScriptedVault(...options);
  vault.answer({ read: { body: { data: { a: 1 } } } });
  cleanups.push(() => vault.stop());
  return vault;
}

describe("the operator's word on Vault servers", () => {
  test("adds headers to calls of operator addresses, never to those of a pod author, each flavour its own", async () => {
    const headers = new Map([
      ["X-Extra", "CANARY-extra"],
      ["X-Vault-Namespace", "team"],
    ]);
    const vault = await scene(undefined, { servers: { vault: { ...quiet, headers } } });
    const sent = async (more: Parameters<typeof vault.open>[0]) => {
      const session = await vault.open(more);
      await vault.read(session);
      return vault.server.requests.splice(0).map(({ headers: got }) => [got["x-extra"], got["x-vault-namespace"]]);
    };
    expect(await sent({ addressFrom: "operator" })).toEqual([
      ["CANARY-extra", "team"],
      ["CANARY-extra", "team"],
    ]);
    expect(await sent({ addressFrom: "operator", namespace: "own" })).toEqual([
      ["CANARY-extra", "own"],
      ["CANARY-extra", "own"],
    ]);
    expect(await sent({ addressFrom: "operator", trustFrom: "pod" })).toEqual([
      [undefined, undefined],
      [undefined, undefined],
    ]);
    expect(await sent({})).toEqual([
      [undefined, undefined],
      [undefined, undefined],
    ]);
    expect(await sent({ addressFrom: "operator", flavour: "openbao" })).toEqual([
      [undefined, undefined],
      [undefined, undefined],
    ]);
  });

  test("adds no header that would make a token or a body of its own", async () => {
    const names = ["X-Vault-Token", "content-length", "Transfer-Encoding", "Connection"];
    const headers = new Map(names.map((name) => [name, "CANARY-1"]));
    const vault = await scene(undefined, { servers: { vault: { ...quiet, headers } } });
    await vault.read(await vault.open({ addressFrom: "operator" }));
    const sent = vault.server.requests.map(({ headers: got }) => JSON.stringify(got));
    expect(sent.filter((text) => text.includes("CANARY-1"))).toEqual([]);
  });

  test("follows no redirect where that is said", async () => {
    const vault = await scene(undefined, { servers: { vault: { ...quiet, followRedirects: false } } });
    vault.answer({ read: { status: 307, headers: { location: "/v1/other" } } });
    const [outcome] = await vault.read(await vault.open());
    expect(outcome?.ok === false && [outcome.error.id, outcome.error.details.storeCode]).toEqual(["LK0036", "307"]);
    expect(vault.server.requests).toHaveLength(2);
  });

  test("chooses the proxy, its own before the general one", async () => {
    const [own, general] = [await startForwardProxy(), await startForwardProxy()];
    cleanups.push(
      () => own.stop(),
      () => general.stop(),
    );
    const host: Partial<StoreHost> = { proxies: { http: general.url } };
    const all = [
      { servers: { vault: { ...quiet, proxy: own.url } }, host },
      { servers: { openbao: { ...quiet, proxy: own.url } }, host },
      {},
    ];
    for (const options of all) {
      const vault = await scene(undefined, options);
      const address = vault.server.url.replace("127.0.0.1", "vault.test");
      const opening = vault.open({ addresses: [address], addressFrom: "operator" });
      if (options.host === undefined) await expect(opening).rejects.toThrow("cannot be resolved");
      else expect(await opening).toBeDefined();
    }
    expect([own.requests.length, general.requests.length]).toEqual([1, 1]);
  });

  test("asks the servers of an SRV record, for addresses without a port", async () => {
    const asked: string[] = [];
    const vault = await scene(undefined, {
      servers: { vault: { ...quiet, srvLookup: true } },
      srv: async (name) => {
        asked.push(name);
        const port = Number(new URL(vault.server.url).port);
        return [{ name: "127.0.0.1", port, priority: 1, weight: 1 }];
      },
    });
    await vault.open({ addresses: ["http://vault.test"] });
    await vault.open();
    expect(asked).toEqual(["_http._tcp.vault.test"]);
    expect(vault.server.requests).toHaveLength(2);
    const elsewhere = await scene([], {
      servers: { vault: { ...quiet, srvLookup: true } },
      srv: async () => [{ name: "169.254.169.254", port: 80, priority: 1, weight: 1 }],
    });
    await expect(elsewhere.open({ addresses: ["http://vault.test"] })).rejects.toMatchObject({ id: "LK0022" });
  });

  test("lets a Unix socket be asked, by the operator and by whom the policy allows it", async () => {
    const directory = await mkdtemp(join(tmpdir(), "latchkey-agent-"));
    cleanups.push(() => rm(directory, { recursive: true }));
    const socketPath = join(directory, "agent.sock");
    const vault = await scene([`unix://${socketPath}`], { server: { socketPath } });
    await vault.read(await vault.open());
    await vault.read(await vault.open({ addressFrom: "operator" }));
    await expect(vault.open({ addresses: [`unix://${directory}/other.sock`] })).rejects.toMatchObject({ id: "LK0022" });
    expect(vault.server.requests.map(({ url }) => url).slice(0, 2)).toEqual([
      "/v1/auth/kubernetes/login",
      "/v1/secret/data/db",
    ]);
    expect(vault.server.requests).toHaveLength(4);
  });

  test("bounds the calls of a second", async () => {
    const vault = await scene(undefined, {
      servers: { vault: { ...quiet, rateLimit: { perSecond: 0.001, burst: 2 } } },
    });
    const session = await vault.open();
    const signal = AbortSignal.timeout(200);
    const refs = ["kv/a", "kv/b"].map((name) => vault.store.ref.parse({ name }));
    const outcomes = await outcomesOf(session, refs, { signal, count: () => undefined });
    expect(outcomes.map((outcome) => (outcome.ok ? "read" : outcome.error.id))).toEqual(["read", "LK0031"]);
    expect(vault.server.requests).toHaveLength(2);
  });
});

describe("SRV records", () => {
  const record = (name: string, port: number, priority = 1, weight = 1) => ({ name, port, priority, weight });
  const rows: readonly [address: string, records: ReturnType<typeof record>[] | undefined, servers: string[]][] = [
    [
      "https://v.test",
      [record("b.test.", 8200, 2), record("a.test", 8200), record("c.test", 1, 1, 9)],
      ["https://c.test:1", "https://a.test:8200", "https://b.test:8200"],
    ],
    ["http://v.test/base", [record("a.test", 8200)], ["http://a.test:8200/base"]],
    ["https://v.test:8200", [record("a.test", 1)], ["https://v.test:8200"]],
    ["unix:///run/v.sock", [record("a.test", 1)], ["unix:///run/v.sock"]],
    ["https://v.test", [], ["https://v.test"]],
    ["https://v.test", undefined, ["https://v.test"]],
    ["https://v.test", [record("not a name", 1)], ["https://v.test"]],
  ];
  for (const [address, records, servers] of rows) {
    test(`${JSON.stringify(records?.map(({ name }) => name))} of ${address} give ${servers}`, async () => {
      const resolve = async () => records ?? Promise.reject(new Error("ENOTFOUND"));
      expect(await serversOf(address, resolve, new AbortController().signal)).toEqual(servers);
    });
  }
});

test("an SRV look-up that hangs ends with the call", async () => {
  const hanging = serversOf("https://v.test", () => new Promise(() => undefined), AbortSignal.timeout(20));
  await expect(hanging).rejects.toMatchObject({ id: "LK0030" });
});

describe("a rate limit", () => {
  function clocked() {
    const waits: number[] = [];
    const clock = { now: 0 };
    const waiting: Waiting = {
      now: () => clock.now,
      sleep: async (ms, signal) => {
        waits.push(Math.round(ms));
        signal.throwIfAborted();
      },
    };
    return { clock, waits, limit: new RateLimit({ perSecond: 10, burst: 3 }, waiting) };
  }
  const signal = new AbortController().signal;

  test("lets a burst go at once and the rest at its pace, first come first served", async () => {
    const { clock, waits, limit } = clocked();
    for (let i = 0; i < 6; i++) await limit.turn(signal);
    expect(waits).toEqual([100, 200, 300]);
    clock.now = 10_000;
    for (let i = 0; i < 4; i++) await limit.turn(signal);
    expect(waits).toEqual([100, 200, 300, 100]);
  });

  test("throws LK0031 for who cannot wait, and gives the turn back", async () => {
    const { waits, limit } = clocked();
    for (let i = 0; i < 3; i++) await limit.turn(signal);
    await expect(limit.turn(AbortSignal.abort())).rejects.toMatchObject({ id: "LK0031", reason: "throttled" });
    await limit.turn(signal);
    expect(waits).toEqual([100, 100]);
  });
});
