import { describe, expect, it } from "vitest";
import { defects } from "./defects.ts";
import { lintText, marks, planted } from "./lint-of.ts";

describe("lint", () => {
  it("knows at least 80 kinds of defects", () => {
    expect(new Set(defects.map(([what]) => what)).size).toBe(defects.length);
    expect(defects.length).toBeGreaterThanOrEqual(80);
  });

  it.each(defects)("finds at its line %s", async (_, text) => {
    const { findings } = await lintText(text);
    expect(marks(findings)).toEqual(planted(text));
  });
});
