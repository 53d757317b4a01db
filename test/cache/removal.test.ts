import { describe, expect, it } from "vitest";
import { CacheFixture, defaultBounds, minute } from "./cache-fixture.ts";
import { someAbout } from "./entry-of.ts";
import { errorIdOf } from "./settled.ts";

/** A cache with one fresh entry, and how often it has told of removals since. */
async function listening(changes: ConstructorParameters<typeof CacheFixture>[0] = {}) {
  const node = new CacheFixture(changes);
  let heard = 0;
  node.cache.onRemoval(() => {
    heard += 1;
  });
  await node.ask();
  return { node, heard: () => heard };
}

describe("the cache tells that something is not kept any more", () => {
  it("when the operator drops it", async () => {
    const { node, heard } = await listening();
    await node.cache.drop(() => true);
    expect(heard()).toBe(1);
  });

  it("when the store says no", async () => {
    const { node, heard } = await listening();
    await node.time.advance(3 * minute);
    node.store.fails("LK0033");
    expect(await errorIdOf(node.ask())).toBe("LK0033");
    expect(heard()).toBe(1);
  });

  it("when it is pushed out", async () => {
    const { node, heard } = await listening({ mostBytes: 1 });
    await node.ask({ key: "other" });
    expect(heard()).toBeGreaterThan(0);
  });

  it("but not when it is replaced by what is newer", async () => {
    const { node, heard } = await listening();
    await node.time.advance(3 * minute);
    expect((await node.ask()).how).toBe("fetched");
    expect(heard()).toBe(0);
  });
});

describe("what is kept", () => {
  const look = { key: "key", about: someAbout, shared: true, pod: "pod", bounds: defaultBounds };

  it("is shown fresh alone where that is asked for", async () => {
    const { node } = await listening();
    expect(node.cache.kept(look, true)?.how).toBe("cached");
    await node.time.advance(3 * minute);
    expect([node.cache.kept(look, true), node.cache.kept(look)?.how]).toEqual([undefined, "stale"]);
  });

  it("is not shown to an identity that is not proved", async () => {
    const { node } = await listening();
    expect(node.cache.kept({ ...look, shared: false }, true)).toBeUndefined();
  });
});
