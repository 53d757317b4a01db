import { describe, expect, it } from "vitest";
import { FormatError } from "../../src/formats/format-error.ts";
import { type KeyPath, parseKeyPath } from "../../src/formats/key-path.ts";
import fc from "../property.ts";

function outcome(text: string): KeyPath | string {
  try {
    return parseKeyPath(text);
  } catch (error) {
    if (error instanceof FormatError) return error.message;
    throw error;
  }
}

const nameNeeded = 'a name is needed; names that hold one of . [ ] " need double quotes';
const dotNeeded = 'a `.` or an index such as [0] is needed; names that hold one of . [ ] " need double quotes';

describe("parseKeyPath", () => {
  const paths: readonly (readonly [text: string, result: KeyPath | string])[] = [
    ["password", ["password"]],
    ["db.password", ["db", "password"]],
    ["db-user_1/x y", ["db-user_1/x y"]],
    ['"tls.crt"', ["tls.crt"]],
    ['a."b.c".d', ["a", "b.c", "d"]],
    ['"a\\"b\\u0041"', ['a"bA']],
    ['""', [""]],
    ["a[0]", ["a", 0]],
    ["[0]", [0]],
    ["[0][12].a", [0, 12, "a"]],
    ["a.0", ["a", "0"]],
    ["__proto__.constructor", ["__proto__", "constructor"]],
    ["\u00e9\u{1f600}", ["\u00e9\u{1f600}"]],
    ["", "a key must not be empty"],
    [".", `${nameNeeded} at offset 0`],
    ["a.", `${nameNeeded} at offset 2`],
    ["a..b", `${nameNeeded} at offset 2`],
    ["a.[0]", `${nameNeeded} at offset 2`],
    ["a[b]", `${dotNeeded} at offset 1`],
    ["a[-1]", `${dotNeeded} at offset 1`],
    ["a[01]", `${dotNeeded} at offset 1`],
    ["a[1", `${dotNeeded} at offset 1`],
    ["a]", `${dotNeeded} at offset 1`],
    ['a"b"', `${dotNeeded} at offset 1`],
    ['"a"b', `${dotNeeded} at offset 3`],
    ['"a', "unexpected end of JSON at offset 2"],
    ["[9999999999]", `${nameNeeded} at offset 0`],
  ];
  for (const [text, result] of paths) {
    it(`reads ${JSON.stringify(text)}`, () => {
      expect(outcome(text)).toEqual(result);
    });
  }

  it("reads every name when it is quoted", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme" }), { minLength: 1 }), (names) => {
        expect(outcome(names.map((name) => JSON.stringify(name)).join("."))).toEqual(names);
      }),
    );
  });

  it("throws nothing but FormatError", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(outcome(text)).toBeDefined();
      }),
    );
  });
});
