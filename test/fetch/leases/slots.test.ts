import { describe, expect, it } from "vitest";
import { Slots, type SlotWindow } from "../../../src/fetch/leases/slots.ts";

const late = { from: 0, to: 60_000, even: false };
const even = { from: 0, to: 60_000, even: true };

function takeAll(count: number, window: SlotWindow): readonly number[] {
  const slots = new Slots();
  return Array.from({ length: count }, (_, at) => slots.take(`pod ${at}`, window)).sort((a, b) => a - b);
}

function leastGap(times: readonly number[]): number {
  return Math.min(...times.slice(1).map((time, at) => time - (times[at] ?? 0)));
}

describe("slots", () => {
  it("are the latest that others leave, a second apart", () => {
    expect(takeAll(3, late)).toEqual([58_000, 59_000, 60_000]);
    expect(leastGap(takeAll(60, late))).toBe(1_000);
  });

  it("use the whole window alike where that is asked for", () => {
    const times = takeAll(31, even);
    expect(leastGap(times)).toBeGreaterThan(900);
    expect(times.filter((time) => time < 30_000).length).toBe(15);
  });

  it("are as far apart as they can be where there is not room for a second", () => {
    const times = takeAll(200, late);
    expect(new Set(times).size).toBe(200);
    expect(leastGap(times)).toBeGreaterThan(50);
  });

  it("are given back, and one pod has one", () => {
    const slots = new Slots();
    expect([slots.take("a", late), slots.take("a", late), slots.take("b", late)]).toEqual([60_000, 60_000, 59_000]);
    slots.free("a");
    expect([slots.take("c", late), slots.size]).toEqual([60_000, 2]);
  });

  it("are now where the window has no room at all", () => {
    expect(new Slots().take("a", { from: 5, to: 5, even: false })).toBe(5);
  });
});
