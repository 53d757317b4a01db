import { describe, expect, it } from "vitest";
import { nearest } from "../src/nearest.ts";
import fc from "./property.ts";

const known = ["path", "key", "mode", "files", "store", "maxStale"];

describe("nearest", () => {
  const words: readonly (readonly [word: string, near: string | undefined])[] = [
    ["pth", "path"],
    ["paht", "path"],
    ["Path", "path"],
    ["paths", "path"],
    ["file", "files"],
    ["fiels", "files"],
    ["maxstale", "maxStale"],
    ["maxStael", "maxStale"],
    ["stores", "store"],
    ["kye", "key"],
    ["optional", undefined],
    ["x", undefined],
    ["", undefined],
    ["__proto__", undefined],
  ];
  for (const [word, near] of words) {
    it(`takes ${JSON.stringify(word)} for ${near}`, () => {
      expect(nearest(word, known)).toBe(near);
    });
  }

  it("prefers the nearer of two, and the first of two that are equally near", () => {
    expect(nearest("modes", ["nodes", "mode", "model"])).toBe("nodes");
    expect(nearest("mode", ["modes", "mode"])).toBe("mode");
  });

  it("answers long words fast", () => {
    expect(
      nearest(
        "x".repeat(1_000_000),
        Array.from({ length: 200 }, () => "y".repeat(1_000_000)),
      ),
    ).toBe(undefined);
  });

  it("finds every known word itself", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 60 }), (word) => {
        expect(nearest(word, [word])).toBe(word);
      }),
    );
  });
});
