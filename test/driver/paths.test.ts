import { describe, expect, test } from "vitest";
import { checkFiles, pathProblem } from "./paths.ts";

const REFUSED: readonly (readonly [string, string])[] = [
  ["", "must not be empty"],
  ["/etc/passwd", "must not be absolute"],
  ["a/../b", "must not contain '..'"],
  ["..", "must not contain '..'"],
  ["..data", "must not start with '..'"],
  ["..data/x", "must not start with '..'"],
  ["a//b", "must be clean"],
  ["./a", "must be clean"],
  ["a/", "must be clean"],
  ["a/./b", "must be clean"],
  ["a".repeat(256), "no element may be longer than 255 bytes"],
  [`a/${"é".repeat(128)}`, "no element may be longer than 255 bytes"],
  ["abcdefg/".repeat(512).concat("x"), "must not be longer than 4096 bytes"],
];

describe("the driver's path rules", () => {
  for (const [path, problem] of REFUSED) {
    test(`refuse ${JSON.stringify(path.slice(0, 20))}: ${problem}`, () => {
      expect(pathProblem(path)).toBe(problem);
    });
  }

  for (const path of ["a", "a/b", "a/..b", ".hidden", "a b", "é", "a".repeat(255), "a\\b"]) {
    test(`allow ${JSON.stringify(path.slice(0, 20))}`, () => {
      expect(pathProblem(path)).toBeUndefined();
    });
  }

  test("name the file that breaks them, and modes out of range", () => {
    const file = { path: "a", mode: 0o777, contents: Buffer.alloc(0) };
    expect(() => checkFiles([file])).not.toThrow();
    expect(() => checkFiles([file, { ...file, path: "/b" }])).toThrow('invalid path "/b": must not be absolute');
    expect(() => checkFiles([{ ...file, mode: 0o1000 }])).toThrow('invalid file mode 512 of "a"');
    expect(() => checkFiles([{ ...file, mode: -1 }])).toThrow('invalid file mode -1 of "a"');
  });
});
