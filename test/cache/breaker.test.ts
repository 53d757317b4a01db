import { describe, expect, it } from "vitest";
import { Breaker } from "../../src/cache/breaker.ts";
import { seeded, VirtualTime } from "./virtual-time.ts";

function open(random = () => 0) {
  const time = new VirtualTime();
  const breaker = new Breaker(time, random);
  for (let failures = 0; failures < 3; failures += 1) breaker.failed();
  return { time, breaker };
}

type Event = "succeeded" | "failed" | "delayed";

describe("the breaker", () => {
  const histories: readonly { after: readonly Event[]; state: string }[] = [
    { after: [], state: "closed" },
    { after: ["failed", "failed"], state: "closed" },
    { after: ["failed", "failed", "failed"], state: "open" },
    { after: ["failed", "failed", "succeeded", "failed", "failed"], state: "closed" },
    { after: ["failed", "failed", "failed", "failed"], state: "open" },
    { after: ["failed", "failed", "failed", "succeeded"], state: "closed" },
    { after: ["delayed"], state: "slow" },
    { after: ["delayed", "delayed", "succeeded"], state: "closed" },
    { after: ["delayed", "failed", "failed"], state: "slow" },
    { after: ["delayed", "failed", "failed", "failed"], state: "open" },
    { after: ["failed", "failed", "failed", "delayed"], state: "open" },
    { after: ["failed", "failed", "failed", "succeeded", "failed"], state: "closed" },
  ];
  it.each(histories)("is $state after $after", ({ after, state }) => {
    const breaker = new Breaker(new VirtualTime(), () => 0);
    for (const event of after) breaker[event]();
    expect(breaker.state).toBe(state);
  });

  it("lets everybody through while closed", () => {
    const breaker = new Breaker(new VirtualTime(), () => 0);
    expect([breaker.admits(true), breaker.admits(false), breaker.admits(false)]).toEqual([true, true, true]);
  });

  it("lets nobody through in the first second after it opened, however urgent", async () => {
    const { time, breaker } = open();
    await time.advance(999);
    expect([breaker.admits(true), breaker.admits(false)]).toEqual([false, false]);
  });

  it("lets one of many through when the time for a probe has come", async () => {
    const { time, breaker } = open();
    await time.advance(1_000);
    expect([true, false, true, false].map((urgent) => breaker.admits(urgent))).toEqual([true, false, false, false]);
  });

  it("probes at most once a second, and at least every two, while it is asked all the time", async () => {
    const { time, breaker } = open(seeded(7));
    const probes: number[] = [];
    for (let passed = 0; passed < 60_000; passed += 50) {
      if (breaker.admits(passed % 100 === 0)) probes.push(time.now());
      await time.advance(50);
    }
    const gaps = probes.slice(1).map((at, index) => at - (probes[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1_000);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(2_050);
    expect(new Set(gaps).size).toBeGreaterThan(1);
  });

  it("waits for the next probe again when one fails", async () => {
    const { time, breaker } = open();
    await time.advance(1_000);
    breaker.admits(true);
    breaker.failed();
    await time.advance(999);
    expect(breaker.admits(true)).toBe(false);
    await time.advance(1);
    expect(breaker.admits(true)).toBe(true);
  });

  it("lets what is urgent through to a slow store, and one probe of what is not", async () => {
    const time = new VirtualTime();
    const breaker = new Breaker(time, () => 0);
    breaker.delayed();
    expect([breaker.admits(true), breaker.admits(true), breaker.admits(false)]).toEqual([true, true, false]);
    await time.advance(1_000);
    expect([breaker.admits(false), breaker.admits(false)]).toEqual([true, false]);
  });
});
