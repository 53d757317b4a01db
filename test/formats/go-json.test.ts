import { describe, expect, it } from "vitest";
import { compareGoStrings, writeGoJson, writeGoString } from "../../src/formats/go-json.ts";
import { parseJson } from "../../src/formats/json.ts";
import fc from "../property.ts";

describe("writeGoJson", () => {
  const texts: readonly (readonly [what: string, input: string, output: string])[] = [
    [
      "keeps number literals",
      '{"a":2.50,"b":1E5,"c":12345678901234567890123}',
      '{"a":2.50,"b":1E5,"c":12345678901234567890123}',
    ],
    ["sorts keys", '{"b":1,"a":{"d":1,"c":2}}', '{"a":{"c":2,"d":1},"b":1}'],
    ["sorts keys by UTF-8 bytes", '{"\u{1f600}":1,"\uff5e":2}', '{"\uff5e":2,"\u{1f600}":1}'],
    ["escapes what HTML could trip over", "\"<a href='x'>&\"", "\"\\u003ca href='x'\\u003e\\u0026\""],
    ["escapes line separators", '"\u2028\u2029"', '"\\u2028\\u2029"'],
    ["uses short escapes where Go does", '"\\b\\f\\n\\r\\t\\"\\\\\\/"', '"\\b\\f\\n\\r\\t\\"\\\\/"'],
    ["writes other controls as \\u00XX", '"\\u0000\\u001f\\u000b"', '"\\u0000\\u001f\\u000b"'],
    ["leaves DEL and Latin-1 controls alone", '"\u007f\u0085\u009f"', '"\u007f\u0085\u009f"'],
    ["is compact", " [ 1 , { } , [ ] , null , true ] ", "[1,{},[],null,true]"],
    ["writes what a lone surrogate became", '"\\ud800"', '"\ufffd"'],
    ["keeps __proto__", '{"__proto__":{"__proto__":1}}', '{"__proto__":{"__proto__":1}}'],
  ];
  for (const [what, input, output] of texts) {
    it(what, () => {
      expect(writeGoJson(parseJson(input))).toBe(output);
    });
  }

  it("escapes a lone surrogate that did not come from JSON", () => {
    expect(writeGoString("a\ud800b")).toBe('"a\\ufffdb"');
  });

  it("writes 10,000 levels", () => {
    const deep = "[".repeat(10_000) + "]".repeat(10_000);
    expect(writeGoJson(parseJson(deep))).toBe(deep);
  });

  it("writes what it can read again, and then writes the same", () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: "binary" }), (text) => {
        const written = writeGoJson(parseJson(text));
        expect(writeGoJson(parseJson(written))).toBe(written);
      }),
    );
  });

  it("orders strings as their UTF-8 bytes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
        expect(Math.sign(compareGoStrings(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });
});
