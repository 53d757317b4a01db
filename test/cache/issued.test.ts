import { describe, expect, it } from "vitest";
import { CacheFixture, hour, minute } from "./cache-fixture.ts";
import { loaded } from "./fake-loads.ts";
import { errorIdOf } from "./settled.ts";

/** A store that makes another lease at each call. */
function leasing(changes: ConstructorParameters<typeof CacheFixture>[0] = {}): CacheFixture {
  const node = new CacheFixture(changes);
  node.store.makes((serial) => loaded(`lease-${serial}`, { issued: true, expiresAt: node.time.wall() + hour }));
  return node;
}

describe("an issued answer", () => {
  it("belongs to the pod whose flight asked: who waits with it gets another", async () => {
    const node = leasing();
    const pods = ["a", "b", "c"];
    const answers = await Promise.all(pods.map((pod) => node.ask({ pod })));
    expect(new Set(answers.map(({ value }) => value)).size).toBe(3);
    const again = await Promise.all(pods.map((pod) => node.ask({ pod })));
    expect(again.map(({ value }) => value)).toEqual(answers.map(({ value }) => value));
    expect(node.store.count).toBe(3);
  });

  it.each([
    [0, 40],
    [0.5, 38],
    [1, 36],
  ])(
    "of an hour is unchanged until some minute after the 36th, and no later than the 40th (%d: %d)",
    async (draw, end) => {
      const node = leasing({ random: () => draw });
      await node.ask();
      await node.time.advance(end * minute - 1);
      expect(await node.ask({ bounds: { refresh: 0, maxStale: 0 } })).toMatchObject({
        value: "lease-1",
        how: "cached",
      });
      await node.time.advance(1);
      expect((await node.ask()).value).toBe("lease-2");
    },
  );

  it("is served in an outage until its end, and never after it", async () => {
    const node = leasing();
    await node.ask();
    await node.time.advance(hour - 1);
    node.store.fails("LK0030");
    expect((await node.ask()).how).toBe("stale");
    await node.time.advance(1);
    expect(await errorIdOf(node.ask())).toBe("LK0030");
  });

  it("is asked for once, though the store did not answer", async () => {
    const node = leasing();
    await node.ask({ pod: "a" });
    const before = node.store.count;
    node.store.fails("LK0030");
    await errorIdOf(node.ask({ pod: "b" }));
    expect(node.store.count).toBe(before + 1);
  });

  it("stays the pod's over a restart", async () => {
    const node = leasing();
    await node.ask({ pod: "a" });
    await node.restart();
    const answers = await Promise.all(["a", "b"].map((pod) => node.ask({ pod })));
    expect(answers.map(({ value }) => value)).toEqual(["lease-1", "lease-2"]);
  });

  it("takes the place of what all pods shared before the store issued it", async () => {
    const node = new CacheFixture();
    await node.ask();
    node.store.gives("lease", { issued: true, expiresAt: node.time.wall() + hour });
    await node.ask({ bounds: { refresh: 0 } });
    expect(node.keptKeys).toEqual(["key/pod-1"]);
  });

  it("of pods long gone leaves the cache, and where it is kept", async () => {
    const node = leasing();
    for (let pod = 0; pod < 20; pod += 1) await node.ask({ pod: `${pod}` });
    await node.time.advance(2 * hour);
    await node.ask({ pod: "next" });
    expect([node.keptKeys, node.cache.figures]).toMatchObject([["key/next"], { bytes: 100, evicted: 0 }]);
  });
});

describe("an answer that is for one pod alone", () => {
  it("is known as such beforehand where asking makes something new: nobody waits with another", async () => {
    const node = leasing();
    const pods = ["a", "b", "a"];
    const answers = await Promise.all(pods.map((pod) => node.ask({ pod, issues: true })));
    expect(answers.map(({ value }) => value)).toEqual(["lease-1", "lease-2", "lease-1"]);
    expect(node.store.count).toBe(2);
  });

  it("is never asked for twice where asking makes something new", async () => {
    const node = leasing();
    node.store.fails("LK0030");
    await errorIdOf(node.ask({ issues: true }));
    expect(node.store.count).toBe(1);
  });

  it("is refreshed like any other where it is only read by the pod", async () => {
    const node = new CacheFixture();
    node.store.makes((serial) => loaded(`read-${serial}`));
    const ask = (pod: string) => node.ask({ pod, forPod: true });
    expect([(await ask("a")).value, (await ask("b")).value, (await ask("a")).value]).toEqual([
      "read-1",
      "read-2",
      "read-1",
    ]);
    await node.time.advance(3 * minute);
    expect((await ask("a")).value).toBe("read-3");
  });

  it("may be learnt from the answer: who waited for another pod's asks again", async () => {
    const node = new CacheFixture();
    node.store.makes((serial) => loaded(`read-${serial}`, { forPod: true }));
    const answers = await Promise.all(["a", "b"].map((pod) => node.ask({ pod })));
    expect(answers.map(({ value }) => value)).toEqual(["read-1", "read-2"]);
    expect((await node.ask({ pod: "b" })).value).toBe("read-2");
    expect(node.keptKeys).toEqual(["key/a", "key/b"]);
    await node.restart();
    expect((await node.ask({ pod: "b" })).value).toBe("read-2");
    expect(node.store.count).toBe(2);
  });
});
