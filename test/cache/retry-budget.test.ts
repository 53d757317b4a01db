import { describe, expect, it } from "vitest";
import { RetryBudget } from "../../src/cache/retry-budget.ts";
import { VirtualTime } from "./virtual-time.ts";

function start(calls = 0) {
  const time = new VirtualTime();
  const budget = new RetryBudget(time);
  for (let call = 0; call < calls; call += 1) budget.called();
  return { time, budget };
}

function takeAll(budget: RetryBudget): number {
  let taken = 0;
  while (budget.take()) taken += 1;
  return taken;
}

describe("the retry budget", () => {
  it.each([
    { calls: 0, retries: 3 },
    { calls: 9, retries: 3 },
    { calls: 11, retries: 4 },
    { calls: 55, retries: 8 },
    { calls: 1_000, retries: 13 },
  ])("has $retries retries after $calls calls", ({ calls, retries }) => {
    expect(takeAll(start(calls).budget)).toBe(retries);
  });

  it.each([
    { ms: 3_000, retries: 0 },
    { ms: 3_400, retries: 1 },
    { ms: 7_000, retries: 2 },
    { ms: 10_000, retries: 3 },
    { ms: 3_600_000, retries: 3 },
  ])("has $retries again $ms ms after it was used up", async ({ ms, retries }) => {
    const { time, budget } = start();
    takeAll(budget);
    await time.advance(ms);
    expect(takeAll(budget)).toBe(retries);
  });

  it("stays within a tenth of the calls and three in ten seconds, whatever is asked of it", async () => {
    const { time, budget } = start();
    let taken = 0;
    for (let second = 0; second < 600; second += 1) {
      for (let call = 0; call < 5; call += 1) {
        budget.called();
        if (budget.take()) taken += 1;
      }
      await time.advance(1_000);
    }
    expect(taken).toBeLessThanOrEqual(3_000 * 0.1 + 61 * 3);
    expect(taken).toBeGreaterThan(400);
  });
});
