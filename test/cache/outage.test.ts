import { describe, expect, it } from "vitest";
import type { ErrorId } from "../../src/errors.ts";
import { CacheFixture, hour, minute, second } from "./cache-fixture.ts";
import { errorIdOf, watch } from "./settled.ts";

/** A node that has a value which is no longer fresh. */
async function withOldValue(changes: ConstructorParameters<typeof CacheFixture>[0] = {}): Promise<CacheFixture> {
  const node = new CacheFixture(changes);
  await node.ask();
  await node.time.advance(hour);
  return node;
}

describe("while the store cannot be asked", () => {
  it.each<ErrorId>(["LK0006", "LK0009", "LK0012", "LK0030", "LK0031", "LK0039", "LK0041"])(
    "and says %s, the old value is served",
    async (id) => {
      const node = await withOldValue();
      node.store.fails(id);
      expect(await node.ask()).toEqual({ value: "v1", how: "stale", ageMs: hour });
    },
  );

  it.each<ErrorId>(["LK0001", "LK0020", "LK0036", "LK0037", "LK0038"])(
    "and says %s, the mount fails and the value is left alone",
    async (id) => {
      const node = await withOldValue();
      node.store.fails(id);
      expect(await errorIdOf(node.ask())).toBe(id);
      node.store.fails("LK0030");
      expect((await node.ask()).how).toBe("stale");
    },
  );

  it.each([
    { bounds: { maxStale: 0 }, served: "LK0030" },
    { bounds: { maxStale: hour }, served: "LK0030" },
    { bounds: { maxStale: hour + 1 }, served: "no error" },
  ])("a value of an hour with $bounds ends in: $served", async ({ bounds, served }) => {
    const node = await withOldValue();
    node.store.fails("LK0030");
    expect(await errorIdOf(node.ask({ bounds }))).toBe(served);
  });

  it("nothing is served past its own end", async () => {
    const node = new CacheFixture();
    node.store.gives("v1", { expiresAt: node.time.wall() + hour });
    await node.ask();
    node.store.fails("LK0030");
    await node.time.advance(hour - 1);
    expect((await node.ask()).how).toBe("stale");
    await node.time.advance(1);
    expect(await errorIdOf(node.ask())).toBe("LK0030");
  });

  it("mounts are answered at once, and the store is probed behind them", async () => {
    const node = await withOldValue();
    node.store.fails("LK0030");
    for (let mount = 0; mount < 5; mount += 1) await node.ask();
    const before = node.store.count;
    for (let passed = 0; passed < 20; passed += 1) {
      expect((await node.ask({ pod: `${passed}` })).how).toBe("stale");
      await node.time.advance(500);
    }
    expect(node.store.count - before).toBeLessThanOrEqual(10);
    expect(await errorIdOf(node.ask({ key: "unknown" }))).toBe("LK0030");
    node.store.gives("healed");
    await node.time.advance(2 * second);
    await node.ask();
    await node.time.advance(0);
    expect((await node.ask()).value).toBe("healed");
  });
});

describe("while the store hangs", () => {
  it("a mount waits no longer than staleAfter, and the flight goes on behind it", async () => {
    const node = await withOldValue();
    const held = node.store.waits();
    const mount = watch(node.ask());
    await node.time.advance(1.5 * second - 1);
    expect(mount.state).toBe("pending");
    await node.time.advance(1);
    expect(mount.value).toEqual({ value: "v1", how: "stale", ageMs: hour + 1.5 * second });
    held.give("v2");
    await node.time.advance(0);
    expect([(await node.ask()).value, node.store.count]).toEqual(["v2", 2]);
  });

  it("a value that is dropped meanwhile is not served", async () => {
    const node = await withOldValue();
    const held = node.store.waits();
    const mount = watch(node.ask());
    await node.time.advance(second);
    await node.cache.drop(() => true);
    await node.time.advance(second);
    expect(mount.state).toBe("pending");
    held.give("v2");
    await node.time.advance(0);
    expect(mount.value?.value).toBe("v2");
  });

  it("a value that comes to its end meanwhile is not served", async () => {
    const node = new CacheFixture();
    node.store.gives("v1", { expiresAt: node.time.wall() + hour });
    await node.ask();
    await node.time.advance(hour - second);
    node.store.hangs();
    const mount = watch(node.ask());
    await node.time.advance(2 * second);
    expect(mount.state).toBe("pending");
    await node.time.advance(minute);
    expect(mount.state).toBe("rejected");
  });

  it("what the store says against the value counts, also behind the mount", async () => {
    const node = await withOldValue();
    const held = node.store.waits();
    const mount = watch(node.ask());
    await node.time.advance(2 * second);
    expect(mount.value?.how).toBe("stale");
    held.fail("LK0033");
    await node.time.advance(0);
    expect([await errorIdOf(node.ask()), node.keptKeys]).toEqual(["LK0033", []]);
  });
});
