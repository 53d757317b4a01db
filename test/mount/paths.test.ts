import { describe, expect, it } from "vitest";
import { ProviderError } from "../../src/errors.ts";
import { checkPaths, pathProblem } from "../../src/mount/paths.ts";

describe("path rules", () => {
  const good = [
    "a",
    "a/b",
    "a..b",
    "a/..b",
    ".a",
    "a/.b",
    "é",
    "x".repeat(255),
    `${"x".repeat(255)}/`.repeat(15).slice(0, -1),
    "__proto__",
  ];
  it.each(good)("allow %s", (path) => {
    expect(pathProblem(path)).toBe(undefined);
  });

  const bad: readonly [string, string][] = [
    ["", "the path is empty"],
    ["/a", "the path is absolute"],
    ["..", "the path has an element `..`"],
    ["a/../b", "the path has an element `..`"],
    ["..data", "the path starts with `..`, which the driver keeps for itself"],
    ["..data/x", "the path starts with `..`, which the driver keeps for itself"],
    ["a//b", "the path is not clean: no `//`, `./` or `/` at its end"],
    ["./a", "the path is not clean: no `//`, `./` or `/` at its end"],
    ["a/", "the path is not clean: no `//`, `./` or `/` at its end"],
    [".", "the path is not clean: no `//`, `./` or `/` at its end"],
    ["a\0b", "the path holds a zero byte"],
    ["a\ud800", "the path is no valid text"],
    ["é".repeat(128), "an element of the path is longer than 255 bytes"],
    [`${"a/".repeat(2048)}b`, "the path is longer than 4096 bytes"],
  ];
  it.each(bad)("refuse %j", (path, problem) => {
    expect(pathProblem(path)).toBe(problem);
  });

  function problems(...paths: readonly string[]): readonly string[] {
    try {
      checkPaths(paths.map((path, index) => ({ path, subject: `files[${index}]` })));
      return [];
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      return (error.problems.length === 0 ? [error] : error.problems).map(
        (problem) => `${problem.id} ${problem.details.subject}: ${problem.message}`,
      );
    }
  }

  it("refuse two files at one path and a file that should be a directory, all at once", () => {
    expect(problems("a", "a", "b/c", "b", "..")).toEqual([
      'LK0003 files[4]: the path has an element `..` ("..")',
      'LK0003 files[1]: the path is already taken by files[0] ("a")',
      'LK0003 files[2]: files[3] is a file where a directory is needed (b) ("b/c")',
    ]);
  });

  it("allow names that only share a beginning", () => {
    expect(problems("a", "ab", "a.b", "b/a", "b/ab")).toEqual([]);
  });

  it("take a path of 60,000 elements without remembering each of its parents", () => {
    expect(problems("a/".repeat(60_000), "b")).toEqual([
      `LK0003 files[0]: the path is longer than 4096 bytes (${JSON.stringify("a/".repeat(128))})`,
    ]);
  });

  it("take 10,000 files without a pause that grows with their square", () => {
    expect(problems(...Array.from({ length: 10_000 }, (_, index) => `a/b/${index}`))).toEqual([]);
  });
});
