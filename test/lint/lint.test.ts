import { describe, expect, it } from "vitest";
import { defects } from "./defects.ts";
import { lintText, marks, planted } from "./lint-of.ts";

describe("lint", () => {
  it("knows at least 80 kinds of defects", () => {
    expect(new Set(defects.map(([what]) => what)).size).toBe(defects.length);
    expect(defects.length).toBeGreaterThanOrEqual(80);
  });

  for (const [what, text, around] of defects) {
    it(`finds at its line ${what}`, async () => {
      const { findings } = await lintText(text, around);
      expect(marks(findings)).toEqual(planted(text));
    });
  }
});
