import { describe, expect, it } from "vitest";
import { compilePattern } from "../../src/formats/pattern.ts";
import { Work } from "../../src/plan/work.ts";

describe("the work of a mount", () => {
  it("is counted before it is done, and says what takes too much", () => {
    const work = new Work(10);
    work.charge(10, "one thing");
    expect(() => work.charge(1, "another thing")).toThrow("another thing takes more work than one mount may");
  });

  it("gives others a turn now and then", async () => {
    const work = new Work();
    expect(work.turn()).toBeUndefined();
    work.charge(5_000, "much");
    let isTurn = false;
    setImmediate(() => {
      isTurn = true;
    });
    await work.turn();
    expect([isTurn, work.turn()]).toEqual([true, undefined]);
  });

  it("of a pattern grows with its states and with the text", () => {
    const [few, many] = ["db-[a-z]+$", "(?i)\\pL{1000}c"].map(compilePattern);
    const [short, long] = ["x".repeat(10), "x".repeat(1_000)];
    expect(few?.workFor(long)).toBeLessThan(5_000);
    expect(many?.workFor(short)).toBeGreaterThan(2_000);
    expect(many?.workFor(long)).toBeGreaterThan(90 * (many?.workFor(short) ?? 0));
  });
});
