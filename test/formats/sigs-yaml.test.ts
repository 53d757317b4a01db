import { describe, expect, it } from "vitest";
import { FormatError } from "../../src/formats/format-error.ts";
import { readYaml } from "../../src/formats/read-yaml.ts";
import { sigsFields, sigsText } from "../../src/formats/sigs-yaml.ts";

function outcome<T>(read: () => T): T | string {
  try {
    return read();
  } catch (error) {
    if (error instanceof FormatError) return error.message;
    throw error;
  }
}

/** Each row was run through sigs.k8s.io/yaml 1.6.0, decoding into a struct. */
describe("sigsText", () => {
  const rows: readonly (readonly [text: string, result: string])[] = [
    ["3", "3"],
    ["1.10", "1.1"],
    ["1.0", "1"],
    ["yes", "true"],
    ["on", "true"],
    ["y", "true"],
    ["no", "false"],
    ["true", "true"],
    ["0123", "83"],
    ["0600", "384"],
    ["0o600", "384"],
    ["0888", "888"],
    ["1000", "1000"],
    ['"0600"', "0600"],
    ["'yes'", "yes"],
    ["2020-01-01", "2020-01-01"],
    ["2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z"],
    ["null", ""],
    ["~", ""],
    ["", ""],
    ["0x1F", "31"],
    ["1_000", "1000"],
    ["-5", "-5"],
    ["12345678901234567890", "12345678901234567890"],
    ["18446744073709551616", "1.8446744e+19"],
    ["1e3", "1000"],
    ["1e5", "100000"],
    ["1e6", "1e+06"],
    ["1e21", "1e+21"],
    ["1e39", "+Inf"],
    ["1e400", "1e400"],
    ["0.0001", "0.0001"],
    ["0.00001", "1e-05"],
    ["1e-50", "0"],
    ["-1e-50", "-0"],
    ["123456.5", "123456.5"],
    ["999999.5", "999999.5"],
    ["1234567.5", "1.2345675e+06"],
    ["16777217.0", "1.6777216e+07"],
    ["0.30000001", "0.3"],
    ["3.4028235e38", "3.4028235e+38"],
    [".5", "0.5"],
    [".inf", "+Inf"],
    ["-.inf", "-Inf"],
    [".nan", "NaN"],
    ["1:30", "1:30"],
    ["!!str 0600", "0600"],
    ["!!bool yes", "true"],
    ["!!float 5", "5"],
    ["!!binary aGk=", "hi"],
    ["a b", "a b"],
    ["[a]", "text is needed, not a list at line 1, column 1"],
    ["{a: b}", "text is needed, not a map at line 1, column 1"],
  ];
  for (const [text, result] of rows) {
    it(`reads ${JSON.stringify(text)} as ${JSON.stringify(result)}`, () => {
      expect(outcome(() => sigsText(readYaml(text)))).toBe(result);
    });
  }

  it("takes a missing field for empty text", () => {
    expect(sigsText(undefined)).toBe("");
  });
});

describe("sigsFields", () => {
  const names = ["objectName", "objectVersion"];
  const read = (text: string) =>
    outcome(() => [...sigsFields(readYaml(text), names)].map(([name, { value }]) => `${name}=${sigsText(value)}`));

  const rows: readonly (readonly [what: string, text: string, result: unknown])[] = [
    ["match in any case", "{OBJECTNAME: a, objectversion: 1}", ["objectName=a", "objectVersion=1"]],
    ["match what Go folds to ASCII", "{objectVer\u017fion: 1}", ["objectVersion=1"]],
    ["ignore what is not known", "{name: a, __proto__: b, constructor: c}", []],
    ["take the last by byte order", "{objectName: a, ObjectName: b}", ["objectName=a"]],
    ["are not changed by null", "{OBJECTNAME: a, objectName: null}", ["objectName=a"]],
    ["take the last of duplicates", "{objectName: a, objectName: b}", ["objectName=b"]],
    ["are overridden by a merge behind them", "{objectName: a, <<: {objectName: b}}", ["objectName=b"]],
    ["need a map", "[a]", "a map is needed, not a list at line 1, column 1"],
  ];
  for (const [what, text, result] of rows) {
    it(what, () => {
      expect(read(text)).toEqual(result);
    });
  }
});
