import { describe, expect, it } from "vitest";
import { ProviderError } from "../../src/errors.ts";
import { ReplyBudget } from "../../src/server/reply-budget.ts";

const never = new AbortController().signal;

async function settled(work: Promise<void>): Promise<boolean> {
  return await Promise.race([work.then(() => true), new Promise<boolean>((resolve) => setImmediate(resolve, false))]);
}

describe("reply budget", () => {
  it("lets replies in while they fit, then in order of arrival", async () => {
    const budget = new ReplyBudget(10);
    await budget.take(6, never);
    const second = budget.take(6, never);
    const third = budget.take(1, never);
    expect([await settled(second), await settled(third)]).toEqual([false, false]);
    budget.release(6);
    expect([await settled(second), await settled(third)]).toEqual([true, true]);
    expect(budget.held).toBe(7);
  });

  it("lets a reply larger than itself go alone", async () => {
    const budget = new ReplyBudget(10);
    await budget.take(100, never);
    const next = budget.take(1, never);
    expect(await settled(next)).toBe(false);
    budget.release(100);
    expect(await settled(next)).toBe(true);
  });

  it("forgets a waiter that goes away and lets the next one in", async () => {
    const budget = new ReplyBudget(10);
    await budget.take(8, never);
    const gone = new AbortController();
    const large = budget.take(5, gone.signal);
    const small = budget.take(2, never);
    const reason = new ProviderError("LK0006", "late");
    gone.abort(reason);
    await expect(large).rejects.toBe(reason);
    expect(await settled(small)).toBe(true);
    expect(budget.held).toBe(10);
  });

  it("takes nothing for a caller that is gone already", async () => {
    const budget = new ReplyBudget(10);
    await expect(budget.take(1, AbortSignal.abort(new Error("gone")))).rejects.toThrow("gone");
    expect(budget.held).toBe(0);
  });
});
