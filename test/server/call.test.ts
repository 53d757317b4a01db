import { describe, expect, it } from "vitest";
import { ProviderError } from "../../src/errors.ts";
import { RunningCall } from "../../src/server/call.ts";
import { ReplyBudget } from "../../src/server/reply-budget.ts";

const request = {
  attributes: "{}",
  secrets: "null",
  targetPath: "/t",
  permission: "420",
  currentObjectVersion: [],
};

function call(deadline: number, timeout = 60_000, budget = new ReplyBudget(100)): RunningCall {
  return new RunningCall({ request, deadline, timeout, budget });
}

async function aborted(signal: AbortSignal): Promise<ProviderError> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  return signal.reason as ProviderError;
}

describe("running call", () => {
  it("ends a margin before the caller's deadline", async () => {
    const reason = await aborted(call(Date.now() + 200).signal);
    expect([reason.id, reason.reason]).toEqual(["LK0006", "outage"]);
    expect(Number(/^no answer within (\d+) ms$/.exec(reason.message)?.[1])).toBeLessThanOrEqual(180);
  });

  it("ends at once where the deadline is over already", async () => {
    expect((await aborted(call(Date.now() - 1_000).signal)).message).toBe("no answer within 0 ms");
  });

  it("takes --mount-timeout where the caller sets no deadline", async () => {
    expect((await aborted(call(Number.POSITIVE_INFINITY, 5).signal)).message).toBe("no answer within 5 ms");
  });

  it("gives its share of the reply budget back when it is over, also what it takes later", async () => {
    const budget = new ReplyBudget(100);
    const first = call(Number.POSITIVE_INFINITY, 60_000, budget);
    await first.reserve("shop", 60);
    const second = call(Number.POSITIVE_INFINITY, 60_000, budget);
    const reserving = second.reserve("shop", 60);
    expect(budget.held).toBe(60);
    first.end();
    await reserving;
    expect(budget.held).toBe(60);
    second.end();
    second.end();
    expect(budget.held).toBe(0);
  });

  it("takes what it turns out to need beyond what it reserved, and waits with nothing held", async () => {
    const budget = new ReplyBudget(100);
    const running = call(Number.POSITIVE_INFINITY, 60_000, budget);
    await running.reserve("shop", 90);
    await running.reserve("shop", 120);
    expect(budget.held).toBe(120);
    await running.reserve("shop", 10);
    expect(budget.held).toBe(120);
    const other = call(Number.POSITIVE_INFINITY, 60_000, budget);
    const waiting = other.reserve("shop", 20);
    running.end();
    await waiting;
    const large = call(Number.POSITIVE_INFINITY, 60_000, budget);
    await large.reserve("shop", 20);
    const growing = large.reserve("shop", 90);
    expect(budget.held).toBe(20);
    other.end();
    await growing;
    expect(budget.held).toBe(90);
    large.end();
    expect(budget.held).toBe(0);
  });

  it("waits with what it has built, or is refused where as much as all of it waits", async () => {
    const budget = new ReplyBudget(100);
    const first = call(Number.POSITIVE_INFINITY, 60_000, budget);
    await first.reserve("shop", 100);
    const second = call(Number.POSITIVE_INFINITY, 60_000, budget);
    const settling = second.reserve("shop", 70);
    const third = call(Number.POSITIVE_INFINITY, 60_000, budget);
    await expect(third.reserve("shop", 70)).rejects.toMatchObject({ id: "LK0009" });
    first.end();
    await settling;
    expect(budget.held).toBe(70);
  });

  it("answers a stop with its error, and keeps the first one", async () => {
    const running = call(Number.POSITIVE_INFINITY);
    running.stop(new ProviderError("LK0009", "stopping"));
    running.end();
    expect((await aborted(running.signal)).id).toBe("LK0009");
  });
});
