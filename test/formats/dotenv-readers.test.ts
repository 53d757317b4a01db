import { parseEnv } from "node:util";
import { parse } from "dotenv";
import { describe, expect, it } from "vitest";
import { type DotenvReader, quoteDotenv, writeDotenv } from "../../src/formats/dotenv.ts";
import { FormatError } from "../../src/formats/format-error.ts";
import fc from "../property.ts";
import { scaled } from "../scale.ts";
import { readByBash, readByEnvFile, readByPythonDotenv } from "./readers.ts";

/** Text that means something to a shell or to a reader, and its neighbours. */
const hard = [
  ..."'\"`$\\#!{}()[]<>|&;*?~^=,:. \t\n\r",
  ...[
    "\\n",
    "\\\\",
    "\\'",
    '\\"',
    "\\r",
    "\\t",
    "${",
    `$${"{X}"}`,
    "$X",
    "$(id)",
    "'\"",
    " #",
    "\n#",
    "\r\n",
    "a",
    "é",
    "😀",
  ],
  ...["\u0001", "\u007f", "\u0085", "\u00a0", "\u2028", "\ufeff"],
];

const pieces = fc.array(fc.constantFrom(...hard), { maxLength: 8 }).map((parts) => parts.join(""));
const text = fc.oneof(
  { weight: 4, arbitrary: pieces },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 12 }) },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme-ascii", maxLength: 24 }) },
);

const issue = ["it's $5", "p@ss:\\word", "two words", "", "a#b", "a\nb", "a\\", "\\", "'", '"', "`", "'\"`$\\"];
/** Text in which python-dotenv replaces a variable, in any quotes. */
const variable = `a$${"{B}"}c`;

const contents = [...issue, ...hard, ...fc.sample(text, { numRuns: scaled(3_000), seed: 20_261_123 })].map((each) =>
  each.toWellFormed(),
);

/** The file of all contents that have a form for this reader, and what it should read. */
function fileFor(reader: DotenvReader | undefined) {
  const fits = contents.filter((each) => {
    try {
      quoteDotenv(each, reader);
      return true;
    } catch (thrown) {
      if (thrown instanceof FormatError) return false;
      throw thrown;
    }
  });
  const entries = fits.map((value, index) => [`V${index}`, value] as const);
  return {
    text: writeDotenv(new Map(entries), reader),
    names: entries.map(([name]) => name),
    values: fits,
    expected: Object.fromEntries(entries),
  };
}

type File = ReturnType<typeof fileFor>;

const readers: Readonly<Record<string, (file: File) => Promise<void> | void>> = {
  bash: async ({ text: file, expected }) => expect(await readByBash(file)).toEqual(expected),
  "util.parseEnv": ({ text: file, expected }) => expect({ ...parseEnv(file) }).toEqual(expected),
  "node --env-file": async ({ text: file, names, values }) => expect(await readByEnvFile(file, names)).toEqual(values),
  "the package dotenv": ({ text: file, expected }) => expect(parse(file)).toEqual(expected),
  "the package dotenv, by its fast parser": ({ text: file, expected }) =>
    expect(parse(file, { fast: true })).toEqual(expected),
  "python-dotenv": async ({ text: file, expected }) => expect(await readByPythonDotenv(file)).toEqual(expected),
};

const nodes = ["util.parseEnv", "node --env-file", "the package dotenv", "the package dotenv, by its fast parser"];

describe.each([
  [undefined, Object.keys(readers)],
  ["bash", ["bash"]],
  ["node", nodes],
  ["python", ["python-dotenv"]],
] as const)("a dotenv file for %s", (reader, names) => {
  const file = fileFor(reader);

  it.each(names)("is read by %s as it was", async (name) => {
    await readers[name]?.(file);
  });

  it("can hold nearly everything", () => {
    const share = file.values.length / contents.length;
    expect(share).toBeGreaterThan({ all: 0.2, bash: 0.99, node: 0.6, python: 0.8 }[reader ?? "all"]);
  });
});

describe("a value without a form that all read alike", () => {
  it.each(["it's $5", "it's \\", "a\rb", "a\\\\b", "a\\", "'\"", "'`'", variable])("%j is refused", (value) => {
    expect(() => writeDotenv(new Map([["PASSWORD", value]]))).toThrow(
      new FormatError(
        '"PASSWORD": the value cannot be written so that bash, node, python all read the same; name the reader, as in `for: bash`',
      ),
    );
  });

  it("is refused for a reader that has none for it", () => {
    expect(() => quoteDotenv(variable, "python")).toThrow("the value cannot be written so that python reads it back");
    expect(() => quoteDotenv("a\rb", "node")).toThrow("the value cannot be written so that node reads it back");
    for (const reader of [undefined, "bash", "node", "python"] as const) {
      expect(() => quoteDotenv("a\0b", reader)).toThrow("a variable cannot hold a zero byte");
    }
  });
});
