import { describe, expect, it } from "vitest";
import { longestJob, TemplateTurns } from "../../../src/render/templates/turns.ts";
import { settle, VirtualTime } from "../../cache/virtual-time.ts";
import fc from "../../property.ts";

const never = new AbortController().signal;

/** Templates that take as long as they want, or as they may, in virtual time. */
function start() {
  const time = new VirtualTime();
  const turns = new TemplateTurns(time);
  const ended: { readonly namespace: string; readonly waited: number; readonly longest: number }[] = [];
  const render = (namespace: string, wants: number, signal = never) => {
    const asked = time.now();
    return turns.run(namespace, signal, async (longest) => {
      const waited = time.now() - asked;
      const ms = Math.min(wants, longest);
      const { promise, resolve } = Promise.withResolvers<void>();
      time.after(ms, resolve);
      await promise;
      ended.push({ namespace, waited, longest });
      return { result: namespace, ms };
    });
  };
  return { time, ended, render };
}

describe("turns at the template process", () => {
  it("come in order within a namespace, and to the namespace that took least before others", async () => {
    const { time, ended, render } = start();
    const all = ["flood", "flood", "flood", "flood", "shop", "bank", "shop"].map((namespace) =>
      render(namespace, namespace === "flood" ? 400 : 10),
    );
    await time.advance(10_000);
    await Promise.all(all);
    expect(ended.map(({ namespace }) => namespace)).toEqual([
      "flood",
      "shop",
      "bank",
      "shop",
      "flood",
      "flood",
      "flood",
    ]);
  });

  it("are short for a namespace that has had its part, until time has given it back", async () => {
    const { time, ended, render } = start();
    const all = Array.from({ length: 4 }, () => render("flood", 10_000));
    await time.advance(2_000);
    await Promise.all(all);
    expect(ended.map(({ longest }) => longest)).toEqual([500, 500, 500, longestJob.after]);
    await time.advance(10_000);
    const again = render("flood", 10_000);
    await time.advance(1_000);
    await again;
    expect(ended.at(-1)?.longest).toBe(longestJob.usual);
  });

  it("are given up by who leaves, and by one that fails", async () => {
    const { time, ended, render } = start();
    const turns = new TemplateTurns(time);
    const leaving = new AbortController();
    const all = [render("a", 100), render("b", 100, leaving.signal).catch(({ message }) => message), render("c", 100)];
    leaving.abort(new Error("gone"));
    await time.advance(1_000);
    expect(await Promise.all(all)).toEqual(["a", "gone", "c"]);
    expect(ended).toHaveLength(2);
    await expect(turns.run("a", never, () => Promise.reject(new Error("no process")))).rejects.toThrow("no process");
    expect(await turns.run("a", never, async () => ({ result: "next", ms: 1 }))).toBe("next");
  });

  it("are refused to the newest of the namespace that waits with most when too many wait", async () => {
    const { time, render } = start();
    const running = render("flood", 1);
    const flood = Array.from({ length: 10_000 }, () => render("flood", 0).catch(({ id }) => id));
    const shop = render("shop", 1);
    expect(await flood.at(-1)).toBe("LK0009");
    await time.advance(10);
    expect([await running, await shop]).toEqual(["flood", "shop"]);
    await time.advance(10);
    await Promise.all(flood);
  });

  it("let a victim wait for one template of a flood at most, whatever the flood's templates take, by generated arrivals", async () => {
    const arrival = fc.record({ victim: fc.boolean(), ms: fc.integer({ min: 1, max: 2_000 }), pause: fc.nat(300) });
    await fc.assert(
      fc.asyncProperty(fc.array(arrival, { maxLength: 60 }), async (arrivals) => {
        const { time, ended, render } = start();
        const all: Promise<string>[] = [];
        for (const { victim, ms, pause } of arrivals) {
          // A victim's templates are short, and one at a time, as in the steady state of a node.
          if (victim) all.push(render("victim", 1 + (ms % 10)));
          else for (let count = 0; count < 5; count += 1) all.push(render("flood", ms));
          await time.advance(pause);
        }
        await time.advance(3_600_000);
        await settle();
        await Promise.all(all);
        const waits = ended.filter(({ namespace }) => namespace === "victim").map(({ waited }) => waited);
        const own = 10 * waits.length;
        for (const waited of waits) expect(waited).toBeLessThanOrEqual(longestJob.usual + own);
      }),
      { numRuns: 100 },
    );
  });
});
