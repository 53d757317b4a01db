import { beforeAll, describe, expect, it } from "vitest";
import { parseDocument } from "yaml";
import { parseJson } from "../../src/formats/json.ts";
import { LiquidEngine } from "../../src/formats/liquid/engine.ts";
import { writeYaml } from "../../src/formats/write-yaml.ts";
import fc from "../property.ts";
import { scaled } from "../scale.ts";
import { ensureYamlReader, readByGo, readByPyYaml } from "./readers.ts";

/** Every control character and separator, and what YAML's readers take for something else than text. */
const hard = [
  ...Array.from({ length: 0xa1 }, (_, code) => String.fromCharCode(code)),
  ..."\u00ad\u200b\u2028\u2029\ufeff\ufffd\ufffe\uffff😀",
  ...["yes", "no", "~", "null", "2020-01-01", "0600", "1_000", "1:30", "- a", "a: b", "#c", "&a", "*a", "!t", "%", "@"],
];

const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.array(fc.constantFrom(...hard)).map((parts) => parts.join("")),
);
const value = fc.letrec((tie) => ({
  node: fc.oneof({ maxDepth: 3 }, text, fc.integer(), fc.boolean(), fc.constant(null), tie("list"), tie("map")),
  list: fc.array(tie("node"), { maxLength: 3 }),
  map: fc.dictionary(text, tie("node"), { maxKeys: 4 }),
})).map;

const values = [
  ...hard.map((each) => ({ [`k${each}`]: `${each}v${each}` })),
  { ["k".repeat(2_000)]: "long" },
  ...fc.sample(value, { numRuns: scaled(400), seed: 20_261_123 }),
].map((each) => JSON.parse(JSON.stringify(each).toWellFormed()));

beforeAll(async () => {
  await ensureYamlReader();
}, 120_000);

const read = (each: unknown) => ({ value: each });

describe("format: yaml", () => {
  const texts = values.map((each) => writeYaml(parseJson(JSON.stringify(each))));

  it("is read by PyYAML as it was", async () => {
    expect(await readByPyYaml(texts)).toEqual(values.map(read));
  });

  it("is read by Go's libraries as it was", async () => {
    const results = await readByGo(texts);
    expect(results.map(([v3]) => v3)).toEqual(values.map(read));
    expect(results.map(([, sigs]) => sigs)).toEqual(values.map(read));
  });

  it("is read by the package yaml as it was, in both versions", () => {
    for (const version of ["1.1", "1.2"] as const) {
      expect(texts.map((each) => parseDocument(each, { version }).toJS())).toEqual(values);
    }
  });

  it("has exponents that all of them take for numbers", async () => {
    const numbers = "[1E5,1e5,1.5e3,1.5E+3,-2e-3,0e0,1.50,12]";
    const written = writeYaml(parseJson(numbers));
    const expected = JSON.parse(numbers);
    expect((await readByPyYaml([written]))[0]).toEqual({ value: expected });
    expect((await readByGo([written]))[0]).toEqual([{ value: expected }, { value: expected }]);
    expect(written).toContain("- 1.50\n");
  });
});

describe("yaml_quote", () => {
  const engine = new LiquidEngine();
  const template = engine.parse("key: {{ value | yaml_quote }}\n");
  const contents = [...hard, ...fc.sample(text, { numRuns: scaled(400), seed: 1 })].map((each) => each.toWellFormed());
  const texts = contents.map((each) => engine.render(template, { value: each }));

  it("is read by PyYAML and by Go's libraries as it was", async () => {
    const expected = contents.map((each) => ({ value: { key: each } }));
    expect(await readByPyYaml(texts)).toEqual(expected);
    expect(await readByGo(texts)).toEqual(expected.map((each) => [each, each]));
  });
});
