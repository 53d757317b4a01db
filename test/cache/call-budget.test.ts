import { describe, expect, it } from "vitest";
import { CallBudget, type Claim } from "../../src/cache/call-budget.ts";
import { ProviderError } from "../../src/errors.ts";
import { errorIdOf } from "./settled.ts";
import { settle } from "./virtual-time.ts";

/** Runs calls through a budget and notes their order; each ends when the test says so. */
function start(limits = { calls: 1, queue: 100 }) {
  const budget = new CallBudget(limits);
  const order: string[] = [];
  const ends: (() => void)[] = [];
  const run = (name: string, claim: Partial<Claim> = {}) =>
    budget.run({ ...{ namespace: name.slice(0, 1), login: "one", urgent: true, signal: never() }, ...claim }, () => {
      order.push(name);
      const { promise, resolve } = Promise.withResolvers<void>();
      ends.push(resolve);
      return promise;
    });
  const endAll = async () => {
    await settle();
    for (let end = ends.shift(); end !== undefined; end = ends.shift()) {
      end();
      await settle();
    }
  };
  return { order, ends, run, endAll };
}

function never(): AbortSignal {
  return new AbortController().signal;
}

describe("the call budget", () => {
  it("runs no more than its calls at once, and all of them in the end", async () => {
    const { order, ends, run, endAll } = start({ calls: 3, queue: 100 });
    const all = Array.from({ length: 10 }, (_, index) => run(`a${index}`));
    await settle();
    expect([order.length, ends.length]).toEqual([3, 3]);
    await endAll();
    await Promise.all(all);
    expect(order).toEqual(Array.from({ length: 10 }, (_, index) => `a${index}`));
  });

  it("gives namespaces turns, so that one that floods waits for itself", async () => {
    const { order, run, endAll } = start();
    const names = ["a0", "a1", "a2", "a3", "a4", "b0", "c0", "b1"];
    const all = names.map((name) => run(name));
    await Promise.all([endAll(), ...all]);
    expect(order).toEqual(["a0", "a1", "b0", "c0", "a2", "b1", "a3", "a4"]);
  });

  it("gives the logins of a namespace turns, so that few places are held by calls that wait for one login", async () => {
    const { order, run, endAll } = start();
    const names = ["a-x0", "a-x1", "a-x2", "a-y0", "a-y1", "b-x0", "a-z0"];
    const all = names.map((name) => run(name, { login: name.slice(0, 3) }));
    await Promise.all([endAll(), ...all]);
    expect(order).toEqual(["a-x0", "a-x1", "b-x0", "a-y0", "a-z0", "a-x2", "a-y1"]);
  });

  it("lets go first what is urgent", async () => {
    const { order, run, endAll } = start();
    const all = [run("a0"), run("a1", { urgent: false }), run("b0", { urgent: false }), run("c0"), run("a2")];
    await Promise.all([endAll(), ...all]);
    expect(order).toEqual(["a0", "c0", "a2", "a1", "b0"]);
  });

  it("refuses with LK0009 when too many wait", async () => {
    const { order, run, endAll } = start({ calls: 1, queue: 2 });
    const all = [run("a0"), run("a1"), run("a2", { urgent: false })];
    expect(await errorIdOf(run("a3"))).toBe("LK0009");
    await Promise.all([endAll(), ...all]);
    expect(order).toEqual(["a0", "a1", "a2"]);
  });

  it("refuses the one that floods, not the one that comes after it", async () => {
    const { order, run, endAll } = start({ calls: 1, queue: 4 });
    const flood = ["a0", "a1", "a2", "a3", "a4"].map((name) => errorIdOf(run(name)));
    const others = [errorIdOf(run("b0")), errorIdOf(run("c0"))];
    await endAll();
    expect(await Promise.all([...flood, ...others])).toEqual([
      ...["no error", "no error", "no error", "LK0009", "LK0009"],
      ...["no error", "no error"],
    ]);
    expect(order).toEqual(["a0", "a1", "b0", "c0", "a2"]);
  });

  it("forgets who leaves while waiting, with the reason of leaving", async () => {
    const { order, run, endAll } = start({ calls: 1, queue: 1 });
    const caller = new AbortController();
    const all = [run("a0")];
    const left = errorIdOf(run("b0", { signal: caller.signal }));
    caller.abort(new ProviderError("LK0006", "gone"));
    expect(await left).toBe("LK0006");
    all.push(run("c0"));
    await Promise.all([endAll(), ...all]);
    expect(order).toEqual(["a0", "c0"]);
  });

  it("does not start for who has left already", async () => {
    const { order, run } = start();
    expect(await errorIdOf(run("a0", { signal: AbortSignal.abort(new ProviderError("LK0006", "gone")) }))).toBe(
      "LK0006",
    );
    expect(order).toEqual([]);
  });

  it("gives the place back of a call that fails", async () => {
    const budget = new CallBudget({ calls: 1, queue: 0 });
    const claim = { namespace: "a", login: "one", urgent: true, signal: never() };
    const failing = () => Promise.reject(new ProviderError("LK0036", "bad"));
    expect(await errorIdOf(budget.run(claim, failing))).toBe("LK0036");
    expect(await budget.run(claim, async () => "next")).toBe("next");
  });
});
