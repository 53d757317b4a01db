import { describe, expect, it } from "vitest";
import { FormatError } from "../../src/formats/format-error.ts";
import { maxYamlLength, readYaml } from "../../src/formats/read-yaml.ts";
import type { YamlNode } from "../../src/formats/yaml-node.ts";
import fc from "../property.ts";
import { scaled } from "../scale.ts";

/** A tree as arrays, pairs and texts; plain scalars in `<>`. */
function shown(node: YamlNode): unknown {
  if (node.kind === "list") return node.items.map(shown);
  if (node.kind === "map") return { map: node.entries.map(({ key, value }) => [shown(key), shown(value)]) };
  const text = node.plain ? `<${node.text}>` : node.text;
  return node.tag === undefined ? text : `${node.tag} ${text}`;
}

function outcome(text: string): unknown {
  try {
    return shown(readYaml(text));
  } catch (error) {
    if (error instanceof FormatError) return error.message;
    throw error;
  }
}

/** Ten thousand million values in 300 bytes. */
const bomb = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
  .concat(Array.from({ length: 10 }, (_, n) => `a${n + 1}: &a${n + 1} [${Array(10).fill(`*a${n}`).join(", ")}]`))
  .join("\n");

const mergeChain = ["- &m0 {a: 1}"]
  .concat(Array.from({ length: 5_000 }, (_, n) => `- &m${n + 1} {<<: *m${n}}`))
  .join("\n");

describe("readYaml", () => {
  const documents: readonly (readonly [what: string, text: string, result: unknown])[] = [
    [
      "keeps the source of plain scalars",
      "[0600, yes, 1.10, ~, 2020-01-01]",
      ["<0600>", "<yes>", "<1.10>", "<~>", "<2020-01-01>"],
    ],
    ["tells quoted scalars from plain ones", "['a', \"b\\n\", c]", ["a", "b\n", "<c>"]],
    [
      "reads blocks",
      "a: |\n  x\n  y\nb: >-\n  x\n  y\n",
      {
        map: [
          ["<a>", "x\ny\n"],
          ["<b>", "x y"],
        ],
      },
    ],
    ["reads tags", "[!!str 5, !!int '5', !mine x, ! y]", ["!!str 5", "!!int 5", "!mine x", "!!str y"]],
    [
      "follows aliases",
      "a: &x [1]\nb: *x",
      {
        map: [
          ["<a>", ["<1>"]],
          ["<b>", ["<1>"]],
        ],
      },
    ],
    ["takes the latest anchor of a name", "[&a 1, *a, &a 2, *a]", ["<1>", "<1>", "<2>", "<2>"]],
    [
      "keeps merges and duplicates for the reader",
      "{<<: {a: 1}, a: 1, a: 2}",
      {
        map: [
          ["<<<>", { map: [["<a>", "<1>"]] }],
          ["<a>", "<1>"],
          ["<a>", "<2>"],
        ],
      },
    ],
    ["reads an empty text as null", "", "<>"],
    ["reads a comment as null", "# nothing\n", "<>"],
    [
      "fills in missing values",
      "{a, b: }",
      {
        map: [
          ["<a>", "<>"],
          ["<b>", "<>"],
        ],
      },
    ],
    ["reads only the first document", "--- 1\n--- 2\n", "<1>"],
    ["does not look behind the first document", "1\n...\n]]] {", "<1>"],
    ["skips a BOM", "\ufeffa: 1", { map: [["<a>", "<1>"]] }],
    ["reads JSON", '{"a": [1, null]}', { map: [["a", ["<1>", "<null>"]]] }],
    [
      "takes __proto__ for a key like others",
      "__proto__: {constructor: 1}",
      { map: [["<__proto__>", { map: [["<constructor>", "<1>"]] }]] },
    ],
    ["makes U+FFFD of lone surrogates", "a\ud800b", "<a\ufffdb>"],
    ["refuses lone surrogates in escapes", '- "\\ud800"', "half of a surrogate pair in text at line 1, column 3"],
    ["refuses tabs as indentation", "a:\n\t- b", "tabs must not indent YAML at line 2, column 1"],
    [
      "refuses two keys on a line",
      "a: b: c",
      "a second `key:` on one line; quote text that contains `: ` at line 1, column 4",
    ],
    ["refuses control characters", "a: 1\nb: \u0007", "YAML must not contain control characters at line 2, column 4"],
    [
      "refuses an open quote",
      "a: 'b",
      "a character is missing here: a quote, a bracket, a comma, a colon or a space at line 1, column 6",
    ],
    [
      "refuses an open bracket",
      "[a",
      "a character is missing here: a quote, a bracket, a comma, a colon or a space at line 1, column 3",
    ],
    ["refuses an unknown alias", "a: *nobody", "an alias to an unknown anchor at line 1, column 4"],
    ["refuses an anchor in itself", "&a [*a]", "an anchor that contains itself at line 1, column 5"],
    ["refuses a list's tag on a map", "!!seq {a: 1}", "a tag that is not supported here at line 1, column 7"],
    ["refuses an unknown escape", '"\\q"', "unknown escape in double-quoted text at line 1, column 2"],
    [
      "refuses a reserved character",
      "a: @b",
      "text that starts with this character must be quoted at line 1, column 4",
    ],
    ["refuses 20,000 open brackets", "[".repeat(20_000), "YAML nests deeper than 200 levels at line 1, column 201"],
    ["refuses 20,000 open braces", "{a: ".repeat(20_000), "YAML nests deeper than 200 levels at line 1, column 798"],
    ["refuses 20,000 dashes", "- ".repeat(20_000), "YAML nests deeper than 200 levels at line 1, column 400"],
    ["refuses what aliases blow up", bomb, "YAML comes to more than 100000 values at line 5, column 9"],
    ["refuses merges of merges of merges", mergeChain, "YAML nests deeper than 200 levels at line 201, column 9"],
    [
      "refuses more text than it could read in good time",
      " ".repeat(maxYamlLength + 1),
      "YAML is longer than 131072 characters",
    ],
  ];
  for (const [what, text, result] of documents) {
    it(what, () => {
      expect(outcome(text)).toEqual(result);
    });
  }

  it("tells where each node starts", () => {
    const node = readYaml("a:\n  - 'x'\n  - {b: 1}\n");
    const places: string[] = [];
    const visit = (next: YamlNode): void => {
      places.push(`${next.kind} ${next.at.line}:${next.at.column}`);
      if (next.kind === "list") next.items.forEach(visit);
      if (next.kind === "map") {
        for (const { key, value } of next.entries) {
          visit(key);
          visit(value);
        }
      }
    };
    visit(node);
    expect(places).toEqual(["map 1:1", "scalar 1:1", "list 2:3", "scalar 2:5", "map 3:5", "scalar 3:6", "scalar 3:9"]);
  });

  it("throws nothing but FormatError, whatever it reads", () => {
    const pieces = fc.constantFrom(
      "a",
      ": ",
      "- ",
      "\n",
      "  ",
      "[",
      "]",
      "{",
      "}",
      ",",
      "&a ",
      "*a",
      "!!int ",
      "<<",
      "'",
      '"',
      "|",
      ">",
      "#",
      "---\n",
      "...\n",
      "? ",
      "%",
      "\t",
      "0x1",
      "\r",
      "\\",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary" }),
          fc.array(pieces).map((parts) => parts.join("")),
        ),
        (text) => {
          expect(outcome(text)).toBeDefined();
        },
      ),
      { numRuns: scaled(3_000) },
    );
  });
});
