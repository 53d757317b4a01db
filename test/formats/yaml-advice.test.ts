import { describe, expect, it } from "vitest";
import { FormatError } from "../../src/formats/format-error.ts";
import { readYaml } from "../../src/formats/read-yaml.ts";
import { adviseYaml } from "../../src/formats/yaml-advice.ts";
import fc from "../property.ts";
import { scaled } from "../scale.ts";

/** Returns what is said of a text that is not YAML; undefined for one that is. */
function advised(text: string): string | undefined {
  try {
    readYaml(text);
    return undefined;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const { message, fix } = adviseYaml(text, error);
    return fix === undefined ? message : `${message}: ${fix}`;
  }
}

const lines = (...all: readonly string[]) => `${all.join("\n")}\n`;

describe("adviseYaml", () => {
  it.each([
    [
      "a list at the indent of the key whose text it should be",
      lines("parameters:", "  objects: |", "  - objectName: a", "    secretPath: b"),
      "this list must be indented below `objects: |` at line 3, column 3: indent it by 2 spaces more",
    ],
    [
      "the same below a folded block",
      lines("spec:", "  parameters:", "    roleName: r", "    objects: >-", "    - objectName: a", "      b: c"),
      "this list must be indented below `objects: >-` at line 5, column 5: indent it by 2 spaces more",
    ],
    [
      "the same with a comment behind the block's sign",
      lines("parameters:", "  secrets: |2 # all", "  - store: v", "    name: a"),
      "this list must be indented below `secrets: |2` at line 3, column 3: indent it by 2 spaces more",
    ],
    [
      "an entry left of the text that it should be part of",
      lines("parameters:", "    objects: |", "      - objectName: a", "     - objectName: c", "       secretPath: d"),
      "this line is further left than the text below `objects: |` at line 4, column 6: indent it by 1 space more, like that text",
    ],
    [
      "a key one column left",
      lines("- objectName: a", "  secretPath: b", " secretKey: c"),
      "`secretKey` is 1 column further left than `secretPath` above it at line 3, column 2: indent both alike",
    ],
    [
      "a key one column left in the first map",
      lines("spec:", "  provider: vault", " parameters:", "    a: b"),
      "`parameters` is 1 column further left than `provider` above it at line 3, column 2: indent both alike",
    ],
    [
      "an entry one column left",
      lines("a:", "  - x: 1", "    y: 2", " - x: 3", "   y: 4"),
      "this list entry is 1 column further left than the list above it at line 4, column 2: indent both alike",
    ],
    [
      "a key too deep",
      lines("- objectName: a", "   secretPath: b"),
      "`secretPath` is 1 column further right than `objectName` above it at line 2, column 4: indent both alike",
    ],
    [
      "a key far too deep, behind a text",
      lines("vault:", '  kind: "vault"', "      address: https://v", "  role: r"),
      "`address` is 4 columns further right than `kind` above it at line 3, column 7: indent both alike",
    ],
    [
      "an entry too deep",
      lines("files:", "  - path: a", "     - path: b", "  - path: c"),
      "this list entry is 1 column further right than `path` above it at line 3, column 6: indent both alike",
    ],
    [
      "a key below the dash",
      lines("- objectName: a", "secretPath: b"),
      "`secretPath` is aligned with the `-`, not with what follows it at line 2, column 1: indent it like the key after the `-`",
    ],
    ["a tab at the start", lines("- a: 1", "\tb: 2"), "a tab indents this line at line 2, column 1: use spaces"],
    [
      "a tab behind spaces",
      lines("- objectName: a", "  \tsecretPath: b"),
      "a tab indents this line at line 2, column 3: use spaces",
    ],
    ["a tab in front of a list", lines("a:", "\t- b"), "a tab indents this line at line 2, column 1: use spaces"],
    [
      "no blank behind a colon",
      lines("- objectName:a", "  secretPath: b"),
      "a space is missing after the `:` at line 1, column 13: write `key: value`",
    ],
    [
      "no blank behind a dash",
      lines("-objectName: a", " secretPath: b"),
      "a space is missing after the `-` at line 1, column 1: write `- ` before the entry",
    ],
    [
      "an open quote",
      lines("- objectName: a", '  secretPath: "b'),
      "the quote that opens here is not closed at line 2, column 15: close it, or write the text in the other kind of quotes",
    ],
    [
      "an open quote that another one closes",
      lines("- a: 'x", "  b: 'y'"),
      "the quote that opens here is not closed at line 1, column 6: close it, or write the text in the other kind of quotes",
    ],
    [
      "an open bracket",
      lines("- store: v", "  files: [{ path: a }", "- store: w"),
      "the bracket that opens here is not closed at line 2, column 10: close it",
    ],
    [
      "an open brace",
      lines("vault: { kind: vault, role: r", "aws: { kind: x }"),
      "the bracket that opens here is not closed at line 1, column 8: close it",
    ],
  ])("says of %s what a person would", (_, text, expected) => {
    expect(advised(text)).toBe(expected);
  });

  it("keeps the parser's words where the lines around look right", () => {
    expect(advised("a: @b\n")).toBe("text that starts with this character must be quoted at line 1, column 4");
    expect(advised("a: *nobody\n")).toBe("an alias to an unknown anchor at line 1, column 4");
    expect(advised("x: |\n  \ta\n  b\nc: *nobody\n")).toBe("an alias to an unknown anchor at line 4, column 4");
  });

  it("shows no text but keys that look like keys", () => {
    expect(advised("pass: hunter2\n  'CANARY $x': b: c\n")).not.toContain("CANARY");
  });

  it("throws nothing, whatever it reads, and places what it says inside of the text", () => {
    const pieces = fc.constantFrom("a", ": ", "- ", "\n", " ", "\t", "|", "[", "}", '"', "'", "#", "---", "key: v\n");
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
        const text = parts.join("");
        const said = advised(text);
        const line = Number(/at line (\d+)/.exec(said ?? "")?.[1] ?? 1);
        expect(line).toBeLessThanOrEqual(text.split("\n").length + 1);
      }),
      { numRuns: scaled(5_000) },
    );
  });
});
