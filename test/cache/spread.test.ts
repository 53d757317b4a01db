import { describe, expect, it } from "vitest";
import { CacheFixture, hour, minute } from "./cache-fixture.ts";
import { errorIdOf } from "./settled.ts";

const spread = { refresh: minute, spread: hour };
const first = { bounds: spread };
const mounted = { bounds: spread, mountedAt: Number.NEGATIVE_INFINITY };

/** A node, half way through a window of an hour, that has seen v2 come after v1. */
async function rotated(changes: ConstructorParameters<typeof CacheFixture>[0] = {}): Promise<CacheFixture> {
  const node = new CacheFixture(changes);
  await node.ask(first);
  node.store.gives("v2");
  await node.time.advance(2 * minute);
  await node.ask(first);
  return node;
}

const valuesOf = async (node: CacheFixture) => [(await node.ask(mounted)).value, (await node.ask(first)).value];

describe("a new version with `spread`", () => {
  it("reaches mounted volumes when the node's place in the window has come, and others at once", async () => {
    const node = await rotated();
    expect(await valuesOf(node)).toEqual(["v1", "v2"]);
    await node.time.advance(30 * minute - 1);
    expect(await valuesOf(node)).toEqual(["v1", "v2"]);
    await node.time.advance(1);
    expect(await valuesOf(node)).toEqual(["v2", "v2"]);
  });

  it("is dated by its own fetch, and so is the one that is held back", async () => {
    const node = await rotated();
    await node.time.advance(10_000);
    const ages = async () => [(await node.ask(mounted)).ageMs, (await node.ask(first)).ageMs];
    expect(await ages()).toEqual([2 * minute + 10_000, 10_000]);
    await node.restart();
    expect(await ages()).toEqual([2 * minute + 10_000, 10_000]);
  });

  it("stays with a volume that has had it", async () => {
    const node = await rotated();
    const mountedAt = node.time.now();
    expect((await node.ask(first)).value).toBe("v2");
    expect((await node.ask({ bounds: spread, mountedAt })).value).toBe("v2");
    await node.time.advance(2 * minute);
    expect((await node.ask({ bounds: spread, mountedAt })).value).toBe("v2");
    expect((await node.ask(mounted)).value).toBe("v1");
  });

  it("does not start the window again while one runs", async () => {
    const node = await rotated();
    node.store.gives("v3");
    await node.time.advance(20 * minute);
    expect(await valuesOf(node)).toEqual(["v1", "v3"]);
    await node.time.advance(10 * minute);
    expect(await valuesOf(node)).toEqual(["v3", "v3"]);
  });

  it("is at once there for a volume that wants no spread", async () => {
    const node = await rotated();
    expect((await node.ask({ mountedAt: Number.NEGATIVE_INFINITY, bounds: { spread: 0 } })).value).toBe("v2");
  });

  it("is held back over a restart as well", async () => {
    const node = await rotated();
    await node.restart();
    expect(await valuesOf(node)).toEqual(["v1", "v2"]);
  });

  it("comes at once after a notBefore, also one from before it was fetched", async () => {
    const node = await rotated();
    const notBefore = node.time.wall() - minute;
    expect((await node.ask({ mountedAt: Number.NEGATIVE_INFINITY, bounds: { ...spread, notBefore } })).value).toBe(
      "v2",
    );
  });

  it("comes at once after a drop", async () => {
    const node = await rotated();
    await node.cache.drop(() => true);
    expect(await valuesOf(node)).toEqual(["v2", "v2"]);
  });

  it("comes at once after a denial", async () => {
    const node = await rotated({ denyMemory: 0 });
    await node.time.advance(2 * minute);
    node.store.fails("LK0033");
    await errorIdOf(node.ask(mounted));
    node.store.gives("v2");
    expect(await valuesOf(node)).toEqual(["v2", "v2"]);
  });

  it("holds nothing back beyond the older value's own end", async () => {
    const node = new CacheFixture();
    node.store.gives("v1", { expiresAt: node.time.wall() + 10 * minute });
    await node.ask(first);
    node.store.gives("v2");
    await node.time.advance(2 * minute);
    expect(await valuesOf(node)).toEqual(["v1", "v2"]);
    await node.time.advance(8 * minute);
    expect(await valuesOf(node)).toEqual(["v2", "v2"]);
  });
});
