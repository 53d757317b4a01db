import { describe, expect, it } from "vitest";
import { CacheFixture, defaultBounds, hour, minute, second } from "./cache-fixture.ts";
import { someAbout } from "./entry-of.ts";
import { errorIdOf } from "./settled.ts";

describe("the figures of a cache", () => {
  it("count each answer by where it comes from", async () => {
    const node = new CacheFixture();
    await node.ask();
    for (let count = 0; count < 3; count += 1) await node.ask();
    await node.time.advance(3 * minute);
    await node.ask();
    await node.ask({ shared: false });
    await node.time.advance(3 * minute);
    node.store.fails("LK0030");
    await node.ask();
    const { lookups, entries, bytes, mostBytes, evicted } = node.cache.figures;
    expect(lookups).toMatchObject({ hit: 3, miss: 1, refresh: 2, stale: 1, unshared: 1 });
    expect({ entries, bytes, mostBytes, evicted }).toEqual({
      entries: 1,
      bytes: 100,
      mostBytes: 1_000_000,
      evicted: 0,
    });
  });

  it("count what is looked for without asking where it is found, and only there", async () => {
    const node = new CacheFixture();
    const look = { key: "key", about: someAbout, shared: true, pod: "pod-1", bounds: defaultBounds };
    node.cache.kept(look, true);
    await node.ask();
    node.cache.kept(look, true);
    await node.time.advance(3 * minute);
    node.cache.kept(look, true);
    expect(node.cache.figures.lookups).toMatchObject({ hit: 1, miss: 1, refresh: 0, stale: 0 });
  });

  it("tell the greatest age that was served of late, to each reader the same", async () => {
    const node = new CacheFixture();
    const oldest = () => node.cache.figures.lookups.oldestMs;
    expect(oldest()).toEqual({ cached: 0, stale: 0 });
    await node.ask();
    await node.time.advance(minute);
    await node.ask();
    await node.time.advance(hour);
    node.store.fails("LK0030");
    await node.ask();
    expect([oldest(), oldest()]).toEqual([
      { cached: 0, stale: hour + minute },
      { cached: 0, stale: hour + minute },
    ]);
    await node.time.advance(140 * second);
    expect(oldest().stale).toBe(hour + minute);
    await node.time.advance(161 * second);
    expect(oldest().stale).toBe(0);
  });

  it("tell the breakers of the endpoints that were wanted in the last ten minutes, and no address", async () => {
    const node = new CacheFixture();
    await node.ask({ key: "a", endpoint: "vault https://vault-1" });
    node.store.fails("LK0030");
    for (let count = 0; count < 3; count += 1)
      await errorIdOf(node.ask({ key: "b", endpoint: "vault https://vault-2" }));
    expect(node.cache.figures.breakers).toEqual([
      { store: "vault", state: "open" },
      { store: "vault", state: "closed" },
    ]);
    await node.time.advance(9 * minute);
    node.store.gives("v1");
    await node.ask({ key: "a", endpoint: "vault https://vault-1" });
    await node.time.advance(2 * minute);
    expect(node.cache.figures.breakers).toEqual([{ store: "vault", state: "closed" }]);
  });
});
