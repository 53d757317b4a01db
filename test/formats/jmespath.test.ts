import { describe, expect, it } from "vitest";
import { FormatError } from "../../src/formats/format-error.ts";
import { writeGoJson } from "../../src/formats/go-json.ts";
import { parseJmesPath } from "../../src/formats/jmespath.ts";
import { searchJmesPath } from "../../src/formats/jmespath-search.ts";
import { CostError, Meter } from "../../src/formats/jmespath-values.ts";
import { parseJson } from "../../src/formats/json.ts";
import fc from "../property.ts";
import { scaled } from "../scale.ts";

const document = `{"a":1.50,"big":12345678901234567890,"e2":1e2,"e21":1e21,"small":1e-7,"zero":-0,
  "f":{"z":1,"y":"<&>"},"g":"text","h":[10,9,1],"n":null,"t":true,"no":false,"":"empty","x-y":"dash","s":"añ😀",
  "constructor2":"c","__proto__":"p","o":[{"k":"v1","n":2},{"k":"v2","n":1},{"q":1}],"d":{"d":{"d":"deep"}},
  "w":["b","a","\uffff","😀"],"m":[[1,2],[3],4],"e":[],"digits":"0x10"}`;

/** The result as Go's JSON, or the kind of error. */
function search(expression: string, json = document): string {
  try {
    return writeGoJson(searchJmesPath(parseJmesPath(expression), parseJson(json), new Meter()));
  } catch (thrown) {
    if (!(thrown instanceof FormatError)) throw thrown;
    return thrown instanceof CostError ? "cost" : `error: ${thrown.problem}`;
  }
}

describe("a JMESPath expression", () => {
  const rows: readonly [expression: string, result: string][] = [
    ["g", '"text"'],
    ["d.d.d", '"deep"'],
    ['"x-y"', '"dash"'],
    ['""', '"empty"'],
    ["nothing", "null"],
    ["g.nothing", "null"],
    ["h[0]", "10"],
    ["h[-1]", "1"],
    ["h[9]", "null"],
    ["h[::-1]", "[1,9,10]"],
    ["h[1:]", "[9,1]"],
    ["h[:-1]", "[10,9]"],
    ["h[5:1:-1]", "[1]"],
    ["h[-9:9]", "[10,9,1]"],
    ["s[0:2]", "null"],
    ["o[*].k", '["v1","v2"]'],
    ["o[?n==`1`].k | [0]", '"v2"'],
    ["o[?k].n", "[2,1]"],
    ["f.*", '[1,"\\u003c\\u0026\\u003e"]'],
    ["*.z", "[1]"],
    ["m[]", "[1,2,3,4]"],
    ["g[]", "null"],
    ["[g, t]", '["text",true]'],
    ["{a: g, b: t}", '{"a":"text","b":true}'],
    ["n.{a: g}", "null"],
    ["n || g", '"text"'],
    ["e || `0` || g", "0"],
    ["g && t", "true"],
    ["!e", "true"],
    ["a == `1.5`", "true"],
    ['f == `{"y": "<&>", "z": 1.0}`', "true"],
    ["h != m", "true"],
    ["h[0] > h[1]", "true"],
    ["h[0] <= h[0]", "true"],
    ["g > 'a'", "null"],
    ["'raw'", '"raw"'],
    ['`"a\\`b\\`\\\\"`', '"a`b`\\\\"'],
    [String.raw`'it\'s'`, '"it\'s"'],
    [String.raw`'a\\b\n'`, String.raw`"a\\\\b\\n"`],
    ["'`\"'", '"`\\""'],
    ['[`"\'"`, \'x\', "x-y"]', '["\'","x","dash"]'],
    ['`"json"`', '"json"'],
    ["@.g", '"text"'],
    ["a", "1.50"],
    ["big", "12345678901234567890"],
  ];
  for (const [expression, result] of rows) {
    it(`${expression} gives ${result}`, () => expect(search(expression)).toBe(result));
  }

  const refused: readonly [expression: string, problem: string][] = [
    ["`foo`", "not a JMESPath expression"],
    ["foo(", "not a JMESPath expression"],
    ["", "not a JMESPath expression"],
    ["'", "not a JMESPath expression"],
    [String.raw`'a\\'`, "not a JMESPath expression"],
    ["`1", "not a JMESPath expression"],
    ["h[::0]", "a slice cannot have the step 0"],
    ["&g", "a reference can only be given to a function"],
    ["[&g]", "a reference can only be given to a function"],
    ["a + a", "not part of JMESPath"],
    ["let $x = a in $x", "not part of JMESPath"],
    ["$.a", "not part of JMESPath"],
    ["upper(g)", 'the function "upper" does not exist'],
    ["constructor(g)", 'the function "constructor" does not exist'],
    [`'${"x".repeat(4096)}'`, "longer than 4096 bytes"],
    [`${"a.".repeat(101)}a`, "nested deeper than 100 levels"],
  ];
  for (const [expression, problem] of refused) {
    it(`${expression.slice(0, 30)} is refused: ${problem}`, () => expect(search(expression)).toBe(`error: ${problem}`));
  }

  it("sees own members only", () => {
    for (const name of ["constructor", "toString", "__proto__", "g.length", "h.length", "{a: a}.constructor"]) {
      expect(search(name, '{"g":"x","h":[],"a":1}')).toBe("null");
    }
    expect(search("__proto__")).toBe('"p"');
    expect(search("{__proto__: g}.__proto__")).toBe('"text"');
  });
});

describe("JMESPath's functions", () => {
  const rows: readonly [expression: string, result: string][] = [
    ["abs(`-1`)", "1"],
    ["avg(h)", "6.666666666666667"],
    ["avg(e)", "null"],
    ["ceil(a)", "2"],
    ["contains(g, 'ex')", "true"],
    ["contains(g, `1`)", "false"],
    ["contains(m, `[3.0]`)", "true"],
    ["ends_with(g, 'xt')", "true"],
    ["floor(a)", "1"],
    ["join('-', w[:2])", '"b-a"'],
    ["keys(f)", '["z","y"]'],
    ["length(s)", "3"],
    ["length(f)", "2"],
    ["map(&k, o)", '["v1","v2",null]'],
    ["max(h)", "10"],
    ["max(w)", '"😀"'],
    ["max(e)", "null"],
    ["max_by(o[:2], &n).k", '"v1"'],
    ["max_by(o[:2], &k).k", '"v2"'],
    ['merge(f, `{"z": 2}`)', '{"y":"\\u003c\\u0026\\u003e","z":2}'],
    ["min(h)", "1"],
    ["min_by(o[:2], &n).k", '"v2"'],
    ["min_by(e, &n)", "null"],
    ["not_null(n, g)", '"text"'],
    ["reverse(s)", '"😀ña"'],
    ["reverse(h)", "[1,9,10]"],
    ["sort(h)", "[1,9,10]"],
    ["sort(w)", '["a","b","\uffff","😀"]'],
    ["sort_by(o[:2], &n)[*].k", '["v2","v1"]'],
    ["starts_with(g, 'te')", "true"],
    ["sum(h)", "20"],
    ["to_array(g)", '["text"]'],
    ["to_number('1e2')", "100"],
    ["to_number('')", "null"],
    ["to_number(' 1')", "null"],
    ["to_number(digits)", "null"],
    ["to_number(a)", "1.50"],
    ["to_number(t)", "null"],
    ["to_string(a)", '"1.5"'],
    ["to_string(big)", '"12345678901234567000"'],
    ["to_string(e2)", '"100"'],
    ["to_string(e21)", '"1e+21"'],
    ["to_string(small)", '"1e-7"'],
    ["to_string(zero)", '"-0"'],
    ["to_string(n)", '"null"'],
    ["to_string(t)", '"true"'],
    ["to_string(g)", '"text"'],
    ["to_string(f)", '"{\\"y\\":\\"\\\\u003c\\\\u0026\\\\u003e\\",\\"z\\":1}"'],
    ["type(n)", '"null"'],
    ["type(f)", '"object"'],
    ["values(f)", '[1,"\\u003c\\u0026\\u003e"]'],
  ];
  for (const [expression, result] of rows) {
    it(`${expression} gives ${result}`, () => expect(search(expression)).toBe(result));
  }

  const refused: readonly [expression: string, problem: string][] = [
    ["merge('a')", "merge() takes object there"],
    ["merge(@, 'a')", "merge() takes object there"],
    ["merge()", "merge() was given 0 arguments"],
    ["length(n)", "length() takes string or array or object there"],
    ["max(m)", "max() takes numbers or strings there"],
    ["sort_by(o, &n)", "the expression must give a number or a string for every item"],
    ["sort_by(o, n)", "sort_by() takes reference there"],
    ["abs(&a)", "abs() takes number there"],
    ["join(g)", "join() was given 1 arguments"],
  ];
  for (const [expression, problem] of refused) {
    it(`${expression} is an error: ${problem}`, () => expect(search(expression)).toBe(`error: ${problem}`));
  }
});

describe("an expression that would take far too much", () => {
  const doubled = (part: string, times: number) => Array.from({ length: times }, () => part).join(" | ");
  const bombs: readonly [what: string, expression: string][] = [
    ["doubles an array", doubled("[@, @][]", 90)],
    ["doubles a string", doubled("join('', [@, @])", 90)],
    ["doubles what it holds", doubled("[@, @]", 95)],
    ["doubles what it holds, and writes it", `${doubled("[@, @]", 90)} | to_string(@)`],
    ["doubles what it holds, and compares it", `${doubled("[@, @]", 45)} | contains([[@]], [@])`],
    ["projects over and over", `${doubled("[@, @]", 20)} | ${"[]".repeat(40)}`],
  ];
  for (const [what, expression] of bombs) {
    it(`is stopped where it ${what}`, () => expect(search(expression, '"xx"')).toBe("cost"));
  }

  it("is stopped before it makes what is too much", () => {
    const list = `[${"1,".repeat(29_999)}1]`;
    const texts = `[${'"",'.repeat(29_999)}""]`;
    const times = (text: string) =>
      Array(Math.floor(4_000 / (text.length + 1)))
        .fill(text)
        .join(",");
    // Each would take more memory than the process has.
    expect(search(`[${times("@")}][]`, list)).toBe("cost");
    expect(search(`[${times("[@,@,@,@][]")}][]`, list)).toBe("cost");
    expect(search(`join('${"x".repeat(3_900)}', @)`, texts)).toBe("cost");
    expect(search(`map(&\`[${times("1").slice(20)}]\`, @)`, list)).toBe("cost");
  });

  it("is stopped before it puts very many items in order", () => {
    const many = JSON.stringify(Array.from({ length: 200_000 }, (_, at) => `${at}`));
    expect([search("sort(@)", many), search("sort_by(@, &@)", many)]).toEqual(["cost", "cost"]);
  });

  it("is stopped where it looks into a very deep document", () => {
    const deep = `${"[".repeat(9_000)}${"]".repeat(9_000)}`;
    expect([search("to_string(@)", deep), search("@ == @", deep), search("@", deep)]).toEqual(["cost", "cost", "cost"]);
  });
});

describe("whatever is written", () => {
  const parts = fc.constantFrom(
    ...[
      "a",
      "h",
      "@",
      "o",
      "[*]",
      "[0]",
      ".",
      "|",
      "||",
      "&&",
      "!",
      "(",
      ")",
      "[",
      "]",
      "{",
      "}",
      ":",
      ",",
      "&n",
      "`1`",
    ],
    ...["'x'", "sort_by", "merge", "to_string", "max_by", "[?", "==", "*", "[]", "__proto__", "length", "[::", "-1"],
  );
  it("is a result or a clear error", () => {
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 12 }), (words) => {
        expect(search(words.join(""))).toMatch(/^(?:error: |cost$|[^e])/);
      }),
      { numRuns: scaled(3_000) },
    );
  });
});
