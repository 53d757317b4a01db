import { describe, expect, it } from "vitest";
import { nearest } from "../src/nearest.ts";
import fc from "./property.ts";

const known = ["path", "key", "mode", "files", "store", "maxStale"];

/** Optimal string alignment distance by its definition. */
function distance(a: string, b: string): number {
  if (a === "" || b === "") return a.length + b.length;
  const substituted = distance(a.slice(1), b.slice(1)) + (a[0] === b[0] ? 0 : 1);
  const isSwap = a.length > 1 && a[0] === b[1] && a[1] === b[0];
  const swapped = isSwap ? distance(a.slice(2), b.slice(2)) + 1 : substituted;
  return Math.min(distance(a.slice(1), b) + 1, distance(a, b.slice(1)) + 1, substituted, swapped);
}

function byDefinition(word: string, all: readonly string[]): string | undefined {
  const most = Math.max(1, Math.floor(word.length / 3));
  const near = all
    .map((each) => [distance(word, each), each] as const)
    .filter(([far, each]) => far <= most && (far === 0 || far < Math.max(word.length, each.length)));
  return near.sort(([a], [b]) => a - b)[0]?.[1];
}

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

  it("is what the definition of the distance says", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 6 });
    fc.assert(
      fc.property(word, fc.array(word, { maxLength: 8 }), (wanted, all) => {
        expect(nearest(wanted, all)).toBe(byDefinition(wanted, all));
      }),
    );
  });

  it("spends so much on a word and no more, whoever wrote the others", () => {
    let asked = 0;
    function* others() {
      for (; asked < 1_000_000; asked += 1) yield `${"b".repeat(32)}${"a".repeat(32)}`;
    }
    expect(nearest(`${"a".repeat(32)}${"b".repeat(32)}`, others())).toBe(undefined);
    expect(asked).toBeLessThan(1_000);
  });

  it("finds every known word itself", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 60 }), (word) => {
        expect(nearest(word, [word])).toBe(word);
      }),
    );
  });
});

it.each([
  ["n", [""], undefined],
  ["n", ["p"], undefined],
  ["", ["a"], undefined],
  ["a", ["ab"], "ab"],
  ["N", ["n"], "n"],
  ["ab", ["ba"], "ba"],
  ["db", ["dv"], "dv"],
] as const)("takes words that share nothing for different, however short: %j of %j", (word, known, expected) => {
  expect(nearest(word, known)).toBe(expected);
});
