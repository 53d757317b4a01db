import { describe, expect, it } from "vitest";
import type { ErrorId } from "../../src/errors.ts";
import { CacheFixture, hour, second } from "./cache-fixture.ts";
import { someAbout } from "./entry-of.ts";
import { errorIdOf, watch } from "./settled.ts";

const other = { ...someAbout, login: "other" };
const old = { bounds: { refresh: 0 } };

describe("what the store says against a secret", () => {
  it.each<ErrorId>(["LK0033", "LK0034"])(
    "(%s) drops it before anybody is told, here and where it is kept",
    async (id) => {
      const node = new CacheFixture({ denyMemory: 0 });
      await node.ask();
      node.store.fails(id);
      const keptWhenTold = await node.ask(old).catch(() => node.keptKeys);
      expect(keptWhenTold).toEqual([]);
      node.store.fails("LK0030");
      expect([await errorIdOf(node.ask()), node.cache.list()]).toEqual(["LK0030", []]);
    },
  );

  it("counts where the entry was pushed out of memory before, too", async () => {
    const node = new CacheFixture({ mostBytes: 200, denyMemory: 0 });
    for (const key of ["a", "b", "c"]) await node.ask({ key });
    node.store.fails("LK0033");
    await errorIdOf(node.ask({ key: "a" }));
    await node.cache.drop(() => true);
    await node.restart();
    node.store.fails("LK0030");
    expect(await errorIdOf(node.ask({ key: "a" }))).toBe("LK0030");
  });

  it.each<ErrorId>(["LK0010", "LK0011", "LK0013"])("does not include what was never asked of it (%s)", async (id) => {
    const node = new CacheFixture();
    await node.ask();
    node.store.fails(id);
    expect(await errorIdOf(node.ask(old))).toBe(id);
    expect(node.cache.list().length).toBe(1);
  });

  it("leaves other secrets of the identity alone", async () => {
    const node = new CacheFixture();
    await node.ask({ key: "a" });
    await node.ask({ key: "b" });
    node.store.fails("LK0033");
    await errorIdOf(node.ask({ key: "a", ...old }));
    expect((await node.ask({ key: "b" })).how).toBe("cached");
  });

  it("is told to whoever asked even when the entry cannot be removed from where it is kept", async () => {
    const node = new CacheFixture();
    await node.ask();
    const fault = new Error("disk");
    node.keeper.fault = fault;
    node.store.fails("LK0033");
    expect([await errorIdOf(node.ask(old)), node.dropFailures]).toEqual(["LK0033", [fault]]);
  });
});

describe("a login that is denied", () => {
  it("drops every entry of that identity and settings, and no other", async () => {
    const node = new CacheFixture();
    for (const key of ["a", "b", "c"]) await node.ask({ key });
    await node.ask({ key: "d", about: other });
    node.store.fails("LK0032");
    expect(await errorIdOf(node.ask({ key: "b", ...old }))).toBe("LK0032");
    expect([node.cache.list().map(({ about }) => about.login), node.keptKeys]).toEqual([["other"], ["d"]]);
  });

  it("is remembered, and so are denials of others", async () => {
    const node = new CacheFixture();
    node.store.fails("LK0033");
    await errorIdOf(node.ask({ key: "d", about: other }));
    node.store.fails("LK0032");
    await errorIdOf(node.ask());
    const before = node.store.count;
    expect([await errorIdOf(node.ask()), await errorIdOf(node.ask({ key: "d", about: other }))]).toEqual([
      "LK0032",
      "LK0033",
    ]);
    expect(node.store.count).toBe(before);
  });

  it("takes all of them from memory although one cannot be removed from where it is kept", async () => {
    const node = new CacheFixture();
    for (const key of ["a", "b", "c"]) await node.ask({ key });
    node.keeper.fault = new Error("disk");
    node.store.fails("LK0032");
    expect(await errorIdOf(node.ask({ key: "b", ...old }))).toBe("LK0032");
    expect([node.cache.list(), node.keptKeys.length]).toEqual([[], 1]);
  });

  it("is not undone by answers of the same login that were on their way", async () => {
    const node = new CacheFixture();
    const held = node.store.waits();
    const [slow, another] = [node.ask({ key: "a" }), node.ask({ key: "d", about: other })];
    await node.time.advance(0);
    node.store.fails("LK0032");
    await errorIdOf(node.ask({ key: "b" }));
    held.give("v1");
    await Promise.all([slow, another]);
    expect(node.keptKeys).toEqual(["d"]);
  });

  it("is not outlived by a mount that waits for a refresh", async () => {
    const node = new CacheFixture();
    await node.ask({ key: "a" });
    await node.time.advance(hour);
    const held = node.store.waits();
    const mount = watch(node.ask({ key: "a" }));
    await node.time.advance(second);
    node.store.fails("LK0032");
    await errorIdOf(node.ask({ key: "b" }));
    await node.time.advance(second);
    expect(mount.state).toBe("pending");
    held.fail("LK0030");
    await node.time.advance(0);
    expect(mount.state).toBe("rejected");
  });
});

describe("a denial", () => {
  it("is remembered for denyMemory, so that a crash loop costs nothing", async () => {
    const node = new CacheFixture();
    node.store.fails("LK0033");
    await errorIdOf(node.ask());
    node.store.gives("granted");
    await node.time.advance(10 * second - 1);
    expect([await errorIdOf(node.ask()), node.store.count]).toEqual(["LK0033", 1]);
    await node.time.advance(1);
    expect((await node.ask()).value).toBe("granted");
  });

  it.each([
    { id: "LK0034", denyMemory: 10 * second },
    { id: "LK0030", denyMemory: 10 * second },
    { id: "LK0033", denyMemory: 0 },
  ] as const)("is all that is remembered: $id, $denyMemory", async ({ id, denyMemory }) => {
    const node = new CacheFixture({ denyMemory });
    node.store.fails(id);
    await errorIdOf(node.ask());
    node.store.gives("there");
    expect((await node.ask()).value).toBe("there");
  });
});

describe("the operator's drop", () => {
  it("makes the next mount fetch anew, and gives how many there were", async () => {
    const node = new CacheFixture();
    for (const key of ["a", "b"]) await node.ask({ key });
    await node.ask({ key: "d", about: other });
    expect(await node.cache.drop(({ login }) => login === someAbout.login)).toBe(2);
    node.store.gives("v2");
    expect([node.keptKeys, (await node.ask({ key: "a" })).value]).toEqual([["d"], "v2"]);
  });

  it("makes denials forgotten", async () => {
    const node = new CacheFixture();
    node.store.fails("LK0033");
    await errorIdOf(node.ask());
    node.store.gives("granted");
    await node.cache.drop(() => true);
    expect((await node.ask()).value).toBe("granted");
  });

  it("gives what was on its way to who waits for it, and to nobody else", async () => {
    const node = new CacheFixture();
    const held = node.store.waits();
    const mount = node.ask();
    await node.time.advance(0);
    await node.cache.drop(() => true);
    node.store.gives("after it");
    const next = node.ask();
    held.give("before the drop");
    expect([(await mount).value, (await next).value, (await node.ask()).value]).toEqual([
      "before the drop",
      "after it",
      "after it",
    ]);
  });
});
