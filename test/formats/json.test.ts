import { describe, expect, it } from "vitest";
import { FormatError } from "../../src/formats/format-error.ts";
import { isJsonArray, isJsonObject, JsonNumber, type JsonValue, parseJson } from "../../src/formats/json.ts";
import fc from "../property.ts";
import { scaled } from "../scale.ts";

function messageOf(text: string | Uint8Array): string {
  try {
    parseJson(text);
  } catch (error) {
    if (error instanceof FormatError) return error.message;
    throw error;
  }
  return "read without an error";
}

/** Returns what `JSON.parse` would give, for comparison; numbers by value. */
function plain(value: JsonValue): unknown {
  if (value instanceof JsonNumber) return Number(value.text);
  if (isJsonArray(value)) return value.map(plain);
  if (isJsonObject(value)) return new Map([...value].map(([key, member]) => [key, plain(member)]));
  return value;
}

function withMaps(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withMaps);
  if (typeof value !== "object" || value === null) return value;
  return new Map(Object.entries(value).map(([key, member]) => [key, withMaps(member)]));
}

describe("parseJson", () => {
  for (const text of ["2.50", "1E5", "-0", "12345678901234567890123", "0.1e-7", "1e+400"]) {
    it(`keeps the number ${text} as it is written`, () => {
      expect(parseJson(text)).toEqual(new JsonNumber(text));
    });
  }

  const values: readonly (readonly [text: string, value: JsonValue])[] = [
    [" \t\r\n null ", null],
    ["[true,false]", [true, false]],
    ["{}", new Map()],
    ["[]", []],
    ['{"a":1,"a":"last"}', new Map([["a", "last"]])],
    [
      '{"__proto__":"x","constructor":"y"}',
      new Map([
        ["__proto__", "x"],
        ["constructor", "y"],
      ]),
    ],
    ['"\\b\\f\\n\\r\\t\\/\\\\\\"\\u0041"', '\b\f\n\r\t/\\"A'],
    ['"\\ud83d\\ude00"', "\u{1f600}"],
    ['"\\ud83d"', "\ufffd"],
    ['"\\ude00\\ud83d"', "\ufffd\ufffd"],
    ['"\\ud83dx"', "\ufffdx"],
    ['"\ud83d"', "\ufffd"],
    ['"\u007f\u2028"', "\u007f\u2028"],
  ];
  for (const [text, value] of values) {
    it(`reads ${JSON.stringify(text)}`, () => {
      expect(parseJson(text)).toEqual(value);
      expect(parseJson(Buffer.from(text))).toEqual(value);
    });
  }

  const broken: readonly (readonly [bytes: readonly number[], text: string])[] = [
    [[0xff], "\ufffd"],
    [[0xe2, 0x82], "\ufffd\ufffd"],
    [[0xe2, 0x82, 0x41], "\ufffd\ufffdA"],
    [[0xed, 0xa0, 0x80], "\ufffd\ufffd\ufffd"],
    [[0xf0, 0x9f, 0x98, 0x80, 0x80], "\u{1f600}\ufffd"],
    [[0xf4, 0x90, 0x80, 0x80], "\ufffd\ufffd\ufffd\ufffd"],
    [[0xc0, 0x80, 0xc3, 0xa9], "\ufffd\ufffd\u00e9"],
  ];
  for (const [bytes, text] of broken) {
    it(`makes one U+FFFD of each broken byte, as Go: ${Buffer.from(bytes).toString("hex")}`, () => {
      expect(parseJson(Uint8Array.from([0x22, ...bytes, 0x22]))).toBe(text);
    });
  }

  const refused: readonly (readonly [text: string, message: string])[] = [
    ["", "unexpected end of JSON at offset 0"],
    ["[", "unexpected end of JSON at offset 1"],
    ['"abc', "unexpected end of JSON at offset 4"],
    ["[1,]", "unexpected character in JSON at offset 3"],
    ["[1 2]", "unexpected character in JSON at offset 3"],
    ['{"a":1,}', "unexpected character in JSON at offset 7"],
    ['{"a" 1}', "unexpected character in JSON at offset 5"],
    ["{a:1}", "unexpected character in JSON at offset 1"],
    ["{]", "unexpected character in JSON at offset 1"],
    ["[}", "unexpected character in JSON at offset 1"],
    ["01", "unexpected character in JSON at offset 0"],
    ["+1", "unexpected character in JSON at offset 0"],
    ["1.", "unexpected character in JSON at offset 0"],
    [".5", "unexpected character in JSON at offset 0"],
    ["1e", "unexpected character in JSON at offset 0"],
    ["-", "unexpected character in JSON at offset 0"],
    ["NaN", "unexpected character in JSON at offset 0"],
    ["tru", "unexpected character in JSON at offset 0"],
    ["'a'", "unexpected character in JSON at offset 0"],
    ["\ufeff1", "unexpected character in JSON at offset 0"],
    ["\u00a01", "unexpected character in JSON at offset 0"],
    ["1 2", "unexpected text after JSON at offset 2"],
    ["{}x", "unexpected text after JSON at offset 2"],
    ['"a\nb"', "unescaped control character in a JSON string at offset 2"],
    ['"\\x41"', "unknown escape in a JSON string at offset 1"],
    ['"\\u00g0"', "unknown escape in a JSON string at offset 1"],
  ];
  for (const [text, message] of refused) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(messageOf(text)).toBe(message);
    });
  }

  it("reads 10,000 levels and refuses one more, without a stack overflow", () => {
    expect(messageOf("[".repeat(10_000) + "]".repeat(10_000))).toBe("read without an error");
    expect(messageOf("[".repeat(10_001))).toBe("JSON nests deeper than 10000 levels at offset 10000");
    expect(messageOf('{"a":'.repeat(20_000))).toBe("JSON nests deeper than 10000 levels at offset 50000");
  });

  it("never quotes its input", () => {
    expect(messageOf('{"password":"hunter2"; }')).toBe("unexpected character in JSON at offset 21");
  });

  it("agrees with JSON.parse about every JSON text", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(plain(parseJson(text))).toEqual(withMaps(JSON.parse(text)));
      }),
    );
  });

  it("refuses what JSON.parse refuses, and throws nothing but FormatError", () => {
    const pieces = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"a"',
      "1",
      "-",
      "0",
      ".5",
      "e",
      "null",
      " ",
      "\\",
      '"',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
        const text = parts.join("");
        const legal = (() => {
          try {
            JSON.parse(text);
            return true;
          } catch {
            return false;
          }
        })();
        expect(messageOf(text) === "read without an error").toBe(legal);
      }),
      { numRuns: scaled(5_000) },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(messageOf(bytes)).toBeTypeOf("string");
      }),
    );
  });
});
