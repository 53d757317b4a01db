import { describe, expect, it } from "vitest";
import { releaseTogether } from "../../src/cache/spread.ts";
import { CacheFixture, hour, minute } from "./cache-fixture.ts";
import { errorIdOf } from "./settled.ts";

const spread = { refresh: minute, spread: hour };
const first = { bounds: spread };
const mounted = { bounds: spread, mountedAt: Number.NEGATIVE_INFINITY };

/** A node that has seen v2 come after v1. */
async function rotated(changes: ConstructorParameters<typeof CacheFixture>[0] = {}): Promise<CacheFixture> {
  const node = new CacheFixture(changes);
  await node.ask(first);
  node.store.gives("v2");
  await node.time.advance(2 * minute);
  await node.ask(first);
  return node;
}

const valuesOf = async (node: CacheFixture) => [(await node.ask(mounted)).value, (await node.ask(first)).value];

/** When the pod of `ask` takes the new version after it came, in milliseconds. */
async function delayOf(node: CacheFixture, bounds: object = spread, pod = "pod-1", unit?: string): Promise<number> {
  const { change } = await node.ask({ bounds, pod, unit, mountedAt: Number.NEGATIVE_INFINITY });
  return (change?.releasesAt ?? Number.NaN) - (change?.since ?? 0);
}

const pods = Array.from({ length: 400 }, (_, at) => `pod-${at}`);

const delaysOf = (node: CacheFixture, bounds: object = spread) =>
  Promise.all(pods.map((pod) => delayOf(node, bounds, pod)));

describe("a new version with `spread`", () => {
  it("reaches mounted volumes when the pod's place in the window has come, and others at once", async () => {
    const node = await rotated();
    const delay = await delayOf(node);
    expect(await valuesOf(node)).toEqual(["v1", "v2"]);
    await node.time.advance(delay - 1);
    expect(await valuesOf(node)).toEqual(["v1", "v2"]);
    await node.time.advance(1);
    expect(await valuesOf(node)).toEqual(["v2", "v2"]);
  });

  it("reaches the pods of a node one after the other, over the whole window", async () => {
    const delays = (await delaysOf(await rotated())).sort((a, b) => a - b);
    const tenths = Array.from({ length: 10 }, (_, at) =>
      delays.filter((delay) => Math.floor(delay / hour / 0.1) === at),
    );
    expect([delays.every((delay) => delay >= 0 && delay < hour), new Set(delays).size]).toEqual([true, 400]);
    for (const tenth of tenths) expect(Math.abs(tenth.length - 40)).toBeLessThan(25);
  });

  it("has a place for each pod and secret that no restart changes", async () => {
    const node = await rotated();
    const before = await delaysOf(node);
    await node.restart();
    expect(await delaysOf(node)).toEqual(before);
    expect(await delayOf(node, spread, "pod-1", "another")).not.toBe(await delayOf(node));
    expect(await delayOf(node, spread, "pod-1", "unit")).toBe(await delayOf(node, spread, "pod-1", "unit"));
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
    const delay = await delayOf(node);
    node.store.gives("v3");
    await node.time.advance(delay - 1);
    expect(await valuesOf(node)).toEqual(["v1", "v3"]);
    await node.time.advance(1);
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
    await node.ask(first);
    expect(await delayOf(node)).toBeLessThanOrEqual(8 * minute);
    await node.time.advance(8 * minute);
    expect(await valuesOf(node)).toEqual(["v2", "v2"]);
  });
});

describe("a canary", () => {
  const bounds = { ...spread, canary: 0.05, canaryHold: 10 * minute };

  it("takes the new version at once, and all others wait behind it and then spread", async () => {
    const delays = await delaysOf(await rotatedWith(bounds), bounds);
    const canaries = delays.filter((delay) => delay === 0);
    const others = delays.filter((delay) => delay !== 0);
    expect(Math.abs(canaries.length - 20)).toBeLessThan(15);
    expect(Math.min(...others)).toBeGreaterThanOrEqual(10 * minute);
    expect(Math.max(...others)).toBeLessThan(70 * minute);
  });

  it("is one without a spread too, and others follow at once behind it", async () => {
    const only = { refresh: minute, spread: 0, canary: 0.05, canaryHold: 10 * minute };
    const delays = await delaysOf(await rotatedWith(only), only);
    expect([...new Set(delays)].sort((a, b) => a - b)).toEqual([0, 10 * minute]);
  });

  it("of nobody makes nobody wait", async () => {
    const none = { ...spread, canary: 0, canaryHold: 10 * minute };
    expect(Math.max(...(await delaysOf(await rotatedWith(none), none)))).toBeLessThan(hour);
  });

  it("of everybody is a change at once", async () => {
    const all = { ...spread, canary: 1, canaryHold: 10 * minute };
    expect(new Set(await delaysOf(await rotatedWith(all), all))).toEqual(new Set([0]));
  });
});

/** A node that has seen v2 come after v1 under these bounds. */
async function rotatedWith(bounds: object): Promise<CacheFixture> {
  const node = new CacheFixture();
  await node.ask({ bounds });
  node.store.gives("v2");
  await node.time.advance(2 * minute);
  await node.ask({ bounds });
  return node;
}

describe("secrets that change together", () => {
  it.each([
    ["one alone at its own time", [{ since: 0, releasesAt: 50 }], 50],
    [
      "two that changed one after the other at the later time",
      [
        { since: 0, releasesAt: 50 },
        { since: 30, releasesAt: 80 },
      ],
      80,
    ],
    [
      "a chain of them at the last time",
      [
        { since: 70, releasesAt: 120 },
        { since: 0, releasesAt: 50 },
        { since: 30, releasesAt: 80 },
      ],
      120,
    ],
    [
      "one that was released before the other changed, at its own",
      [
        { since: 0, releasesAt: 50 },
        { since: 60, releasesAt: 90 },
      ],
      50,
    ],
  ])("release %s", (_, changes, releasesAt) => {
    expect(releaseTogether(changes)).toBe(releasesAt);
  });
});
