import { describe, expect, it } from "vitest";
import { pathErrors, pathProblem } from "../../src/plan/volume-paths.ts";

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
    `${"a/".repeat(63)}b`,
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
    ["a//b", "the path is not clean: no `//`, `../dialects/` or `/` at its end"],
    ["./a", "the path is not clean: no `//`, `../dialects/` or `/` at its end"],
    ["a/", "the path is not clean: no `//`, `../dialects/` or `/` at its end"],
    [".", "the path is not clean: no `//`, `../dialects/` or `/` at its end"],
    ["a\0b", "the path holds a line break or another control character"],
    ["a\ud800", "the path is not valid text"],
    ["é".repeat(128), "an element of the path is longer than 255 bytes"],
    [`${"a/".repeat(2048)}b`, "the path is longer than 4096 bytes"],
    [`${"a/".repeat(64)}b`, "the path is more than 64 directories deep"],
  ];
  it.each(bad)("refuse %j", (path, problem) => {
    expect(pathProblem(path)).toBe(problem);
  });

  function problems(...paths: readonly string[]): readonly string[] {
    const files = paths.map((path, index) => ({ path, subject: `files[${index}]` }));
    return pathErrors(files).map(({ id, details, message }) => `${id} ${details.subject}: ${message}`);
  }

  it("refuse two files at one path and a file that should be a directory, all at once", () => {
    expect(problems("a", "a", "b/c", "b", "..")).toEqual([
      'LK0003 files[4]: "..": the path has an element `..`',
      'LK0003 files[1]: "a": the path is already taken by files[0]',
      'LK0003 files[2]: "b/c": it needs a directory where files[3] puts a file',
    ]);
  });

  it("allow names that only share a beginning", () => {
    expect(problems("a", "ab", "a.b", "b/a", "b/ab")).toEqual([]);
  });

  it("take a path of 60,000 elements without remembering each of its parents", () => {
    expect(problems("a/".repeat(60_000), "b")).toEqual([
      `LK0003 files[0]: ${JSON.stringify(`${"a/".repeat(128)}...`)}: the path is longer than 4096 bytes`,
    ]);
  });

  it("take 10,000 files without a pause that grows with their square", () => {
    expect(problems(...Array.from({ length: 10_000 }, (_, index) => `a/b/${index}`))).toEqual([]);
  });
});
