import { describe, expect, it } from "vitest";
import { FormatError } from "../../src/formats/format-error.ts";
import { goFields, goList, goText, goUint32, isGoNull } from "../../src/formats/go-yaml.ts";
import { type GoYaml, resolveGoScalar } from "../../src/formats/go-yaml-scalar.ts";
import { readYaml } from "../../src/formats/read-yaml.ts";
import type { YamlNode } from "../../src/formats/yaml-node.ts";

function outcome<T>(text: string, read: (node: YamlNode) => T): T | string {
  try {
    return read(readYaml(text));
  } catch (error) {
    if (error instanceof FormatError) return error.message;
    throw error;
  }
}

/** Each row was run through gopkg.in/yaml.v3 3.0.1, decoding into a struct. */
describe("yaml.v3 fields", () => {
  const noNumber = "a number without quotes is needed at line 1, column 1";
  const range = "a number from 0 to 4294967295 is needed at line 1, column 1";
  const numbers: readonly (readonly [text: string, result: number | string])[] = [
    ["0600", 0o600],
    ["0o600", 0o600],
    ["384", 384],
    ["0888", 888],
    ["1.0", 1],
    ["600.5", 600],
    ["0x1ff", 511],
    ["0b11", 3],
    ["1_0", 10],
    ["1e3", 1000],
    ["-0.5", 0],
    ["4294967295", 4294967295],
    ["4294967295.5", 4294967295],
    ["null", 0],
    ["~", 0],
    ["", 0],
    ["!!int '0600'", 0o600],
    ["!!float 6", 6],
    ['"0600"', noNumber],
    ["''", noNumber],
    ["x", noNumber],
    ["yes", noNumber],
    ["true", noNumber],
    ["2001-01-01", noNumber],
    ["1:30", noNumber],
    ["1e400", noNumber],
    ["!!str 5", "a number without quotes is needed at line 1, column 7"],
    ["!!int x", "text that does not fit its tag !!int at line 1, column 7"],
    ["-1", range],
    ["4294967296", range],
    [".nan", range],
    [".inf", range],
    ["[1]", "a number is needed, not a list at line 1, column 1"],
  ];
  for (const [text, result] of numbers) {
    it(`read ${JSON.stringify(text)} as the uint32 ${JSON.stringify(result)}`, () => {
      expect(outcome(text, goUint32)).toBe(result);
    });
  }

  const texts: readonly (readonly [text: string, result: string])[] = [
    ["123", "123"],
    ["0600", "0600"],
    ["1.50", "1.50"],
    ["yes", "yes"],
    ["true", "true"],
    ["2020-01-01", "2020-01-01"],
    ["1_000", "1_000"],
    ["0x1F", "0x1F"],
    [".nan", ".nan"],
    ["null", ""],
    ["~", ""],
    ["", ""],
    ["'null'", "null"],
    ["''", ""],
    ["a b", "a b"],
    ["|\n  x\n  y\n", "x\ny\n"],
    ["!!str null", "null"],
    ["!!int 5", "5"],
    ["!!null ''", ""],
    ["!!binary aGk=", "hi"],
    ["!mine x", "x"],
    ["!!binary a", "base64 without its padding, or cut short at line 1, column 10"],
    ["!!bool yes", "text that does not fit its tag !!bool at line 1, column 8"],
    ["[a]", "text is needed, not a list at line 1, column 1"],
    ["{a: b}", "text is needed, not a map at line 1, column 1"],
  ];
  for (const [text, result] of texts) {
    it(`read ${JSON.stringify(text)} as the text ${JSON.stringify(result)}`, () => {
      expect(outcome(text, goText)).toBe(result);
    });
  }

  it("take a missing field for empty text and 0", () => {
    expect([goText(undefined), goUint32(undefined), isGoNull(undefined)]).toEqual(["", 0, true]);
  });
});

describe("Go scalars", () => {
  const rows: readonly (readonly [text: string, v3: unknown, v2?: unknown])[] = [
    ["yes", "yes", true],
    ["On", "On", true],
    ["y", "y", true],
    ["n", "n", false],
    ["OFF", "OFF", false],
    ["TRUE", true],
    ["tRue", "tRue"],
    ["0o17", 15n],
    ["0O17", 15n],
    ["-010", -8n],
    ["+5", 5n],
    ["0B11", 3n],
    ["08", 8],
    ["1__0", 10n],
    ["_1", "_1"],
    ["18446744073709551615", 18446744073709551615n],
    ["18446744073709551616", 18446744073709552000],
    ["-9223372036854775808", -9223372036854775808n],
    ["-9223372036854775809", -(2 ** 63)],
    ["+18446744073709551615", 18446744073709552000],
    [".5", 0.5],
    [".5_0", ".5_0"],
    ["5.", 5],
    ["1e3", 1000],
    ["1e", "1e"],
    ["0x", "0x"],
    ["0x1p-2", "0x1p-2"],
    ["1:30", "1:30"],
    ["-", "-"],
    ["-.inf", Number.NEGATIVE_INFINITY],
    [".NaN", Number.NaN],
    ["infinity", "infinity"],
    ["\uff11", "\uff11"],
  ];
  for (const [text, v3, v2 = v3] of rows) {
    it(`are what yaml.v2 and yaml.v3 make of ${text}`, () => {
      const resolve = (yaml: GoYaml) => {
        const scalar = resolveGoScalar(
          { kind: "scalar", text, plain: true, tag: undefined, at: { line: 1, column: 1 } },
          yaml,
        );
        return scalar.type === "null" ? null : scalar.value;
      };
      expect([resolve("v3"), resolve("v2")]).toEqual([v3, v2]);
    });
  }
});

describe("goFields", () => {
  const read = (text: string, yaml: GoYaml) =>
    outcome(text, (node) =>
      Object.fromEntries([...goFields(node, yaml)].map(([name, { value }]) => [name, goText(value)])),
    );

  const twice = 'key "a" appears twice (first at line 1)';
  const rows: readonly (readonly [what: string, text: string, v3: unknown, v2: unknown])[] = [
    ["names are case-sensitive", "{a: 1, A: 2}", { a: "1", A: "2" }, { a: "1", A: "2" }],
    ["null has none", "~", {}, {}],
    ["duplicates", "{a: 1, a: 2}", `${twice} at line 1, column 8`, { a: "2" }],
    ["a merge before", "{<<: {a: 1, b: 1}, a: 2}", { a: "2", b: "1" }, { a: "2", b: "1" }],
    ["a merge behind", "{a: 2, <<: {a: 1, b: 1}}", { a: "2", b: "1" }, { a: "1", b: "1" }],
    ["a list of merges", "{<<: [{a: 1}, {a: 2, b: 2}]}", { a: "1", b: "2" }, { a: "1", b: "2" }],
    ["merges in merges", "{<<: {<<: {a: 1}, b: 2}}", { a: "1", b: "2" }, { a: "1", b: "2" }],
    [
      "an anchored merge",
      "[&x {a: 1}, {<<: *x, b: 2}]",
      "a map is needed, not a list at line 1, column 1",
      "a map is needed, not a list at line 1, column 1",
    ],
    [
      "two merges",
      "{<<: {a: 1}, <<: {b: 2}}",
      'key "<<" appears twice (first at line 1) at line 1, column 14',
      { a: "1", b: "2" },
    ],
    ["a quoted <<", "{'<<': x}", { "<<": "x" }, { "<<": "x" }],
    [
      "a merge of text",
      "{<<: x}",
      "`<<` needs a map or a list of maps at line 1, column 6",
      "`<<` needs a map or a list of maps at line 1, column 6",
    ],
    [
      "text instead of a map",
      "x",
      "a map is needed, not text at line 1, column 1",
      "a map is needed, not text at line 1, column 1",
    ],
    [
      "a list as key",
      "{[a]: b}",
      "a key must be text, not a list at line 1, column 2",
      "a key must be text, not a list at line 1, column 2",
    ],
  ];
  for (const [what, text, v3, v2] of rows) {
    it(what, () => {
      expect([read(text, "v3"), read(text, "v2")]).toEqual([v3, v2]);
    });
  }
});

describe("goList", () => {
  it("gives the items, none for null, and refuses the rest", () => {
    const count = (text: string) => outcome(text, (node) => goList(node).length);
    expect([count("[a, null]"), count("null"), count("")]).toEqual([2, 0, 0]);
    expect(count("x")).toBe("a list is needed, not text at line 1, column 1");
    expect(count("{a: 1}")).toBe("a list is needed, not a map at line 1, column 1");
    expect(count("''")).toBe("a list is needed, not text at line 1, column 1");
  });
});

describe("the fields of a mapping", () => {
  it.each(["v2", "v3"] as const)("are worked out once by %s, however often a schema complains of them", (yaml) => {
    const node = readYaml("{ a: &a { b: 1 }, c: { <<: *a, d: 2 } }");
    const inner = goFields(node, yaml).get("c")?.value ?? node;
    expect([...goFields(inner, yaml).keys()].sort()).toEqual(["b", "d"]);
    expect(goFields(inner, yaml)).toBe(goFields(inner, yaml));
  });
});
