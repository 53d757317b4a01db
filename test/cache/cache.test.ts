import { describe, expect, it } from "vitest";
import type { ErrorId } from "../../src/errors.ts";
import { ProviderError } from "../../src/errors.ts";
import { CacheFixture, hour, minute, second } from "./cache-fixture.ts";
import { someAbout } from "./entry-of.ts";
import { errorIdOf, watch } from "./settled.ts";

describe("an answer", () => {
  it("is fetched once for all who ask at once, and served from the cache while fresh", async () => {
    const node = new CacheFixture();
    const storm = await Promise.all(Array.from({ length: 110 }, (_, pod) => node.ask({ pod: `pod-${pod}` })));
    expect(new Set(storm.map(({ how }) => how))).toEqual(new Set(["fetched"]));
    await node.time.advance(2 * minute - 1);
    expect(await node.ask()).toEqual({ value: "v1", how: "cached", ageMs: 2 * minute - 1 });
    expect([node.store.count, node.store.most]).toEqual([1, 1]);
  });

  it("is asked for again when it is no longer fresh", async () => {
    const node = new CacheFixture();
    await node.ask();
    node.store.gives("v2");
    await node.time.advance(2 * minute);
    expect(await node.ask()).toEqual({ value: "v2", how: "fetched", ageMs: 0 });
  });

  it.each([
    { bounds: { refresh: 0 }, after: 0, calls: 2 },
    { bounds: { refresh: minute }, after: minute + 6 * second, calls: 2 },
    { bounds: {}, after: minute + 6 * second, calls: 1 },
  ])("is fresh as the one that asks sees it: $bounds", async ({ bounds, after, calls }) => {
    const node = new CacheFixture();
    await node.ask();
    await node.time.advance(after);
    await node.ask({ bounds });
    expect(node.store.count).toBe(calls);
  });

  it("is as old as the question, however long the store took", async () => {
    const node = new CacheFixture();
    const held = node.store.waits();
    const asked = node.ask();
    await node.time.advance(minute / 6);
    held.give("v1");
    expect(await asked).toEqual({ value: "v1", how: "fetched", ageMs: minute / 6 });
  });

  it("is waited for in one flight also where nothing is ever fresh", async () => {
    const node = new CacheFixture();
    await Promise.all(Array.from({ length: 20 }, () => node.ask({ bounds: { refresh: 0 } })));
    expect(node.store.count).toBe(1);
  });

  it("is asked for again for values older than notBefore, once", async () => {
    const node = new CacheFixture();
    await node.ask();
    await node.time.advance(minute);
    node.store.gives("v2");
    const bounds = { notBefore: node.time.wall() - 1 };
    expect([(await node.ask({ bounds })).value, (await node.ask({ bounds })).how, node.store.count]).toEqual([
      "v2",
      "cached",
      2,
    ]);
  });

  it("is not asked for all the time before a notBefore has come", async () => {
    const node = new CacheFixture();
    const bounds = { notBefore: node.time.wall() + minute };
    for (let mount = 0; mount < 10; mount += 1) await node.ask({ bounds });
    expect(node.store.count).toBe(1);
    await node.time.advance(minute);
    await node.ask({ bounds });
    await node.ask({ bounds });
    expect(node.store.count).toBe(2);
  });

  it("that can never change is asked for again after an hour, to learn of its denial", async () => {
    const node = new CacheFixture();
    node.store.gives("pinned", { immutable: true });
    await node.ask();
    await node.time.advance(hour - 1);
    await node.ask();
    expect(node.store.count).toBe(1);
    node.store.fails("LK0033");
    await node.time.advance(1);
    expect(await errorIdOf(node.ask())).toBe("LK0033");
  });
});

describe("somebody who leaves", () => {
  it("harms nobody: the flight goes on for the others", async () => {
    const node = new CacheFixture();
    const held = node.store.waits();
    const caller = new AbortController();
    const first = errorIdOf(node.ask({ signal: caller.signal }));
    const second_ = node.ask();
    caller.abort(new ProviderError("LK0006", "gone"));
    expect(await first).toBe("LK0006");
    held.give("v1");
    expect([(await second_).value, (await node.ask()).how, node.store.count]).toEqual(["v1", "cached", 1]);
  });

  it("leaves a flight that ends at its own deadline", async () => {
    const node = new CacheFixture({ flightTimeout: 10 * second });
    node.store.hangs();
    const flight = watch(node.ask());
    await node.time.advance(10 * second - 1);
    expect(flight.state).toBe("pending");
    await node.time.advance(1);
    expect([flight.state, node.store.running, node.time.timers]).toEqual(["rejected", 0, 0]);
  });
});

describe("an identity that is not proved", () => {
  it("sees no entry, makes none and joins no flight", async () => {
    const node = new CacheFixture();
    await node.ask();
    node.store.gives("its own");
    const forged = await Promise.all([0, 1].map(() => node.ask({ shared: false })));
    expect(forged.map(({ value, how }) => [value, how])).toEqual([
      ["its own", "fetched"],
      ["its own", "fetched"],
    ]);
    expect([node.store.count, (await node.ask()).value, node.keptKeys]).toEqual([3, "v1", ["key"]]);
  });

  it.each<ErrorId>(["LK0032", "LK0033", "LK0034"])("drops none when the store answers %s", async (id) => {
    const node = new CacheFixture();
    await node.ask();
    node.store.fails(id);
    expect(await errorIdOf(node.ask({ shared: false }))).toBe(id);
    expect([(await node.ask()).value, node.keptKeys]).toEqual(["v1", ["key"]]);
  });

  it("is served nothing stale", async () => {
    const node = new CacheFixture();
    await node.ask();
    node.store.fails("LK0030");
    expect(await errorIdOf(node.ask({ shared: false }))).toBe("LK0030");
  });
});

describe("the list", () => {
  it("says what there is, and no value", async () => {
    const node = new CacheFixture();
    node.store.gives("canary");
    await node.ask();
    await node.ask();
    await node.time.advance(second);
    expect(node.cache.list()).toEqual([{ about: someAbout, bytes: 100, issued: false, ageMs: second, hits: 2 }]);
    expect(JSON.stringify(node.cache.list())).not.toContain("canary");
  });
});

describe("memory", () => {
  it("holds for a namespace that floods no more than before, and takes nothing from others", async () => {
    const node = new CacheFixture({ mostBytes: 1_000 });
    await node.ask({ key: "quiet", about: { ...someAbout, namespace: "quiet" } });
    for (let key = 0; key < 200; key += 1) await node.ask({ key: `flood-${key}` });
    expect(node.cache.figures).toMatchObject({ bytes: 1_000, evicted: 191 });
    expect((await node.ask({ key: "quiet", about: { ...someAbout, namespace: "quiet" } })).how).toBe("cached");
  });
});
