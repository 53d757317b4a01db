import { describe, expect, it } from "vitest";
import { ProviderError } from "../../src/errors.ts";
import { ReplyBudget } from "../../src/server/reply-budget.ts";
import fc from "../property.ts";

const never = new AbortController().signal;

function take(budget: ReplyBudget, namespace: string, bytes: number, signal = never): Promise<void> {
  return budget.take({ namespace, bytes, signal });
}

async function settled(work: Promise<void>): Promise<boolean> {
  return await Promise.race([work.then(() => true), new Promise<boolean>((resolve) => setImmediate(resolve, false))]);
}

describe("reply budget", () => {
  it("lets a namespace's replies in while they fit, then in order of arrival", async () => {
    const budget = new ReplyBudget(12);
    await take(budget, "shop", 6);
    const second = take(budget, "shop", 6);
    const third = take(budget, "shop", 1);
    expect([await settled(second), await settled(third)]).toEqual([false, false]);
    budget.release("shop", 6);
    expect([await settled(second), await settled(third)]).toEqual([true, true]);
    expect(budget.held).toBe(7);
  });

  it("lets a reply larger than itself go alone", async () => {
    const budget = new ReplyBudget(10);
    await take(budget, "shop", 100);
    const next = take(budget, "bank", 1);
    expect(await settled(next)).toBe(false);
    budget.release("shop", 100);
    expect(await settled(next)).toBe(true);
  });

  it("forgets a waiter that goes away and lets the next one in", async () => {
    const budget = new ReplyBudget(12);
    await take(budget, "shop", 7);
    const gone = new AbortController();
    const large = take(budget, "shop", 5, gone.signal);
    const small = take(budget, "shop", 2);
    const reason = new ProviderError("LK0006", "late");
    gone.abort(reason);
    await expect(large).rejects.toBe(reason);
    expect(await settled(small)).toBe(true);
    expect(budget.held).toBe(9);
  });

  it("takes nothing for a caller that is gone already", async () => {
    const budget = new ReplyBudget(10);
    await expect(take(budget, "shop", 1, AbortSignal.abort(new Error("gone")))).rejects.toThrow("gone");
    expect(budget.held).toBe(0);
  });

  it("never makes a namespace that holds nothing wait for one that floods", async () => {
    const budget = new ReplyBudget(64);
    const flood = Array.from({ length: 10 }, () => take(budget, "flood", 6));
    expect((await Promise.all(flood.map(settled))).filter(Boolean)).toHaveLength(8);
    expect(budget.takeNow("shop", 4)).toBe(true);
    await Promise.all(flood.slice(0, 8).map(() => budget.release("flood", 6)));
    expect((await Promise.all(flood.map(settled))).every(Boolean)).toBe(true);
  });

  it("gives the room that comes free to the namespace that holds least", async () => {
    const budget = new ReplyBudget(12);
    await take(budget, "large", 12);
    const order: string[] = [];
    const waits = ["flood", "flood", "flood", "shop", "bank"].map(async (namespace) => {
      await take(budget, namespace, 2);
      order.push(namespace);
    });
    budget.release("large", 12);
    await Promise.all(waits);
    expect(order).toEqual(["flood", "shop", "bank", "flood", "flood"]);
  });

  it("refuses the newest of the namespace that waits with most when as much as all of it waits", async () => {
    const budget = new ReplyBudget(10);
    await take(budget, "large", 10);
    const flood = Array.from({ length: 3 }, () => take(budget, "flood", 3));
    const shop = take(budget, "shop", 4);
    await expect(flood[2]).rejects.toMatchObject({ id: "LK0009" });
    await expect(take(budget, "flood", 3)).rejects.toMatchObject({ id: "LK0009" });
    budget.release("large", 10);
    await Promise.all([flood[0], shop]);
    expect(budget.held).toBe(7);
  });
});

type Step = { readonly namespace: number; readonly bytes: number; readonly ends: number };

const steps = fc.array(fc.record({ namespace: fc.nat(7), bytes: fc.integer({ min: 1, max: 40 }), ends: fc.nat(3) }), {
  maxLength: 60,
});

const most = 160;

/** Every take and end of a generated history; the oldest ends first. */
async function play(history: readonly Step[], check: (budget: ReplyBudget, running: readonly Step[]) => void) {
  const budget = new ReplyBudget(most);
  const running: Step[] = [];
  const all = history.map(async (step) => {
    await take(budget, `n${step.namespace}`, step.bytes).then(
      () => running.push(step),
      (error: ProviderError) => expect(error.id).toBe("LK0009"),
    );
  });
  for (const { ends } of history) {
    await new Promise(setImmediate);
    check(budget, running);
    for (const { namespace, bytes } of running.splice(0, ends)) budget.release(`n${namespace}`, bytes);
  }
  while (running.length > 0) {
    for (const { namespace, bytes } of running.splice(0)) budget.release(`n${namespace}`, bytes);
    await new Promise(setImmediate);
  }
  await Promise.all(all);
  return budget;
}

describe("reply budget, by generated arrivals", () => {
  it("stays within its bound, and every reply gets room or is refused", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (history) => {
        const budget = await play(history, ({ held }, running) => {
          expect(held).toBe(running.reduce((sum, { bytes }) => sum + bytes, 0));
          expect(held).toBeLessThanOrEqual(most);
        });
        expect(budget.held).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it("has room at once for a quarter of it, whatever one other namespace does", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (history) => {
        const flood = history.map((step) => ({ ...step, namespace: 0 }));
        await play(flood, (budget) => {
          expect(budget.takeNow("victim", most / 4)).toBe(true);
          budget.release("victim", most / 4);
        });
      }),
      { numRuns: 300 },
    );
  });
});
