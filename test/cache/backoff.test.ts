import { describe, expect, it } from "vitest";
import { Backoff } from "../../src/cache/backoff.ts";
import { VirtualTime } from "./virtual-time.ts";

function start() {
  const time = new VirtualTime();
  return { time, backoff: new Backoff(time) };
}

describe("backing off", () => {
  it("doubles from a second to half a minute while the store says nothing of how long", async () => {
    const { time, backoff } = start();
    const pauses: number[] = [];
    for (let round = 0; round < 7; round += 1) {
      backoff.throttled("a");
      pauses.push(backoff.left("a"));
      await time.advance(backoff.left("a"));
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  it.each([
    { asked: 7_000, waits: 7_000 },
    { asked: 0, waits: 0 },
    { asked: 3_600_000, waits: 300_000 },
  ])("waits $waits ms where the store asked for $asked", ({ asked, waits }) => {
    const { backoff } = start();
    backoff.throttled("a", asked);
    expect(backoff.left("a")).toBe(waits);
  });

  it("concerns the login that was throttled and no other", () => {
    const { backoff } = start();
    backoff.throttled("a", 5_000);
    expect([backoff.left("a"), backoff.left("b")]).toEqual([5_000, 0]);
  });

  it("counts calls that were throttled together once", async () => {
    const { time, backoff } = start();
    for (let call = 0; call < 10; call += 1) backoff.throttled("a");
    expect(backoff.left("a")).toBe(1_000);
    await time.advance(1_000);
    backoff.throttled("a");
    expect(backoff.left("a")).toBe(2_000);
  });

  it("takes the longest of the times that the store asked for", () => {
    const { backoff } = start();
    for (const asked of [2_000, 9_000, 1_000]) backoff.throttled("a", asked);
    expect(backoff.left("a")).toBe(9_000);
  });

  it("starts from the beginning after a success", async () => {
    const { time, backoff } = start();
    for (const pause of [1_000, 2_000, 4_000]) {
      backoff.throttled("a");
      await time.advance(pause);
    }
    backoff.succeeded("a");
    backoff.throttled("a");
    expect(backoff.left("a")).toBe(1_000);
  });

  it("keeps to what the store asked for when a call that was under way already succeeds", () => {
    const { backoff } = start();
    backoff.throttled("a", 60_000);
    backoff.succeeded("a");
    expect(backoff.left("a")).toBe(60_000);
  });

  it("keeps no room for logins that were never throttled, and forgets the oldest of very many", () => {
    const held = () => process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
    const before = held();
    const all = Array.from({ length: 1_000 }, () => start().backoff);
    expect(held() - before).toBeLessThan(30_000_000);
    for (let login = 0; login <= 10_000; login += 1) all[0]?.throttled(`${login}`);
    expect([all[0]?.left("0"), all[0]?.left("1"), all[0]?.left("10000")]).toEqual([0, 1_000, 1_000]);
  });
});
