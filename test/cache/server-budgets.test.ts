import { describe, expect, it } from "vitest";
import { createAddressPolicy } from "../../src/address-policy.ts";
import type { Claim } from "../../src/cache/call-budget.ts";
import { ServerBudgets } from "../../src/cache/server-budgets.ts";
import { createStores } from "../../src/stores/index.ts";
import fc from "../property.ts";
import { CacheFixture } from "./cache-fixture.ts";
import { settle } from "./virtual-time.ts";

function claimOf(namespace: string): Claim {
  return { namespace, login: namespace, urgent: true, signal: new AbortController().signal };
}

/** Counts the calls under way at each server, and the most that there were; each ends when the test says so. */
function start(calls: number) {
  const budgets = new ServerBudgets({ calls, queue: 1_000 });
  const running: { readonly namespace: string; readonly servers: readonly string[]; readonly end: () => void }[] = [];
  const countAt = (server: string) => running.filter(({ servers }) => servers.includes(server)).length;
  const run = (namespace: string, servers: readonly string[]) =>
    budgets.of(servers).run(claimOf(namespace), async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const call = { namespace, servers, end: resolve };
      running.push(call);
      await promise;
      running.splice(running.indexOf(call), 1);
    });
  return { budgets, running, countAt, run };
}

describe("the budgets of servers", () => {
  it("hold no more calls at a server than one, whoever else is asked with it, and end them all, by generated calls", async () => {
    const call = fc.record({
      namespace: fc.constantFrom("a", "b", "c", "d"),
      servers: fc.array(fc.constantFrom("v:8200", "w:8200", "x:1"), { minLength: 1, maxLength: 4 }),
      ends: fc.nat(3),
    });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 9 }), fc.array(call, { maxLength: 50 }), async (calls, history) => {
        const { budgets, running, countAt, run } = start(calls);
        const all: Promise<void>[] = [];
        const check = () => {
          for (const server of ["v:8200", "w:8200", "x:1"]) expect(countAt(server)).toBeLessThanOrEqual(calls);
        };
        for (const { namespace, servers, ends } of history) {
          all.push(run(namespace, servers));
          await settle();
          check();
          for (const { end } of running.slice(0, ends)) end();
        }
        while (running.length > 0) {
          for (const { end } of [...running]) end();
          await settle();
          check();
        }
        await Promise.all(all);
        expect(budgets.size).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  it("keep some places of a server from a namespace whose calls hang, for others", async () => {
    const { running, run } = start(8);
    const flood = Array.from({ length: 40 }, () => run("flood", ["v:8200"]));
    await settle();
    expect(running).toHaveLength(7);
    const victim = run("shop", ["v:8200"]);
    await settle();
    expect(running.at(-1)?.namespace).toBe("shop");
    while (running.length > 0) {
      for (const { end } of [...running]) end();
      await settle();
    }
    await Promise.all([...flood, victim]);
  });
});

describe("endpoints of one server", () => {
  it("share its calls in the cache, while each has a breaker of its own", async () => {
    const node = new CacheFixture({ budget: { calls: 2, queue: 100 } });
    node.store.hangs();
    const asks = Array.from({ length: 20 }, (_, at) =>
      node.ask({ key: `key-${at}`, endpoint: `vault ${at}`, servers: ["v:8200"] }).catch(() => undefined),
    );
    await settle();
    expect([node.store.count, node.cache.figures.breakers.length]).toEqual([2, 20]);
    await node.time.advance(60_000);
    await Promise.all(asks);
  });

  const spellings = [
    "https://vault:8200",
    "http://vault:8200/base",
    "https://VAULT:8200",
    "https://vault.:8200/",
    "https://vault:8200/other/base",
  ];
  it("are told by host and port alone, by a Vault store", async () => {
    const store = await createStores({ addresses: createAddressPolicy([]), concurrency: 1 }).load("vault");
    const servers = spellings.map((address) => store.servers?.({ addresses: [address] }));
    expect(servers).toEqual(spellings.map(() => ["vault:8200"]));
    const odd = ["https://vault", "http://vault", "unix:///run/v.sock", "no address"];
    expect(store.servers?.({ addresses: odd })).toEqual(["vault:443", "vault:80", ...odd.slice(2)]);
  });
});
