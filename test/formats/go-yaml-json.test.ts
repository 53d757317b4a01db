import { describe, expect, it } from "vitest";
import { FormatError } from "../../src/formats/format-error.ts";
import { writeGoJson } from "../../src/formats/go-json.ts";
import { goYamlJson } from "../../src/formats/go-yaml-json.ts";
import { readYaml } from "../../src/formats/read-yaml.ts";

/** The JSON text that Go makes of a YAML text; the error's text where it makes none. */
function jsonOf(yaml: string): string {
  try {
    const value = goYamlJson(readYaml(yaml));
    return value === undefined ? "nothing" : writeGoJson(value);
  } catch (error) {
    if (error instanceof FormatError) return error.message;
    throw error;
  }
}

describe("JSON of a YAML map, as yaml.v3 and Go's encoding/json make it (spec/vault.md 1.4)", () => {
  const values: readonly (readonly [yaml: string, json: string])[] = [
    ["yes", '"yes"'],
    ["No", '"No"'],
    ["on", '"on"'],
    ["y", '"y"'],
    ["true", "true"],
    ["False", "false"],
    ["010", "8"],
    ["0o10", "8"],
    ["08", "8"],
    ["-010", "-8"],
    ["0x1F", "31"],
    ["0b11", "3"],
    ["1_000", "1000"],
    ["+12", "12"],
    ["-0", "0"],
    ["1e3", "1000"],
    ["1.0", "1"],
    ["2.50", "2.5"],
    [".5", "0.5"],
    ["-0.0", "-0"],
    ["1e21", "1e+21"],
    ["1e20", "100000000000000000000"],
    ["1e-7", "1e-7"],
    ["0.000001", "0.000001"],
    ["1e400", '"1e400"'],
    ["1:30", '"1:30"'],
    ["12345678901234567890", "12345678901234567890"],
    ["18446744073709551615", "18446744073709551615"],
    ["18446744073709551616", "18446744073709552000"],
    ["-9223372036854775809", "-9223372036854776000"],
    ["99999999999999999999999", "1e+23"],
    ["0x1FFFFFFFFFFFFFFFF", '"0x1FFFFFFFFFFFFFFFF"'],
    ["null", "null"],
    ["~", "null"],
    ["", "null"],
    ["'null'", '"null"'],
    ["'010'", '"010"'],
    ['"true"', '"true"'],
    ["!!str 010", '"010"'],
    ["!!int '010'", "8"],
    ["!!float 3", "3"],
    ["!!binary aGk=", '"hi"'],
    ["!!binary /w==", String.raw`"\ufffd"`],
    ["!mine 5", '"5"'],
    ["<<", String.raw`"\u003c\u003c"`],
    ["<&>", String.raw`"\u003c\u0026\u003e"`],
    ["[1, [x, {a: yes}], ~]", '[1,["x",{"a":"yes"}],null]'],
    ["{}", "{}"],
    ["[]", "[]"],
    ["{b: 1, a: 2}", '{"a":2,"b":1}'],
    ["|-\n   two\n   lines", String.raw`"two\nlines"`],
  ];
  for (const [yaml, json] of values) {
    it(`makes ${json} of ${JSON.stringify(yaml)}`, () => expect(jsonOf(`v: ${yaml}`)).toBe(`{"v":${json}}`));
  }

  const times: readonly (readonly [yaml: string, text: string])[] = [
    ["2020-01-01", "2020-01-01T00:00:00Z"],
    ["2020-1-2", "2020-01-02T00:00:00Z"],
    ["2020-02-29", "2020-02-29T00:00:00Z"],
    ["2000-02-29", "2000-02-29T00:00:00Z"],
    ["0000-01-01", "0000-01-01T00:00:00Z"],
    ["2001-12-14 21:59:43.10", "2001-12-14T21:59:43.1Z"],
    ["2001-12-14   1:5:3", "2001-12-14T01:05:03Z"],
    ["2001-12-14T21:59:43.10-05:00", "2001-12-14T21:59:43.1-05:00"],
    ["2001-12-14t21:59:43Z", "2001-12-14T21:59:43Z"],
    ["2001-12-14T21:59:43,5Z", "2001-12-14T21:59:43.5Z"],
    ["2001-12-14T21:59:43.1234567899Z", "2001-12-14T21:59:43.123456789Z"],
    ["2001-12-14T21:59:43+00:00", "2001-12-14T21:59:43Z"],
    ["2001-12-14T21:59:43+01:60", "2001-12-14T21:59:43+02:00"],
    ["!!timestamp '2020-01-01'", "2020-01-01T00:00:00Z"],
  ];
  for (const [yaml, text] of times) {
    it(`makes the time ${text} of ${yaml}`, () => expect(jsonOf(`v: ${yaml}`)).toBe(`{"v":"${text}"}`));
  }

  const noTimes = [
    "2001-12-14 21:59:43 -5",
    "2001-12-14 21:59:43+01:00",
    "2001-12-14T21:59:43",
    "2001-12-14T21:59Z",
    "2001-13-14",
    "2001-02-29",
    "1900-02-29",
    "2001-00-01",
    "2001-01-00",
    "2001-01-01T24:00:00Z",
    "2001-01-01T23:60:00Z",
    "2001-01-01T23:59:60Z",
    "2001-01-01T23:59:59+25:00",
    "2001-01-01T23:59:59+23:61",
    "20011-01-01",
    "201-01-01",
  ];
  for (const yaml of [...noTimes, "'2020-01-01'", "!!str 2020-01-01"]) {
    const text = yaml.replace(/^'|'$|^!!str /g, "");
    it(`leaves ${yaml} text`, () => expect(jsonOf(`v: ${yaml}`)).toBe(`{"v":"${text}"}`));
  }

  const maps: readonly (readonly [what: string, yaml: string, json: string])[] = [
    ["nothing for null", "~", "nothing"],
    ["an empty object for an empty map", "{}", "{}"],
    ["text of keys that are numbers", "{1: v, 1.50: w, true: x}", '{"1":"v","1.50":"w","true":"x"}'],
    ["text of a key that is a date", "{2020-01-01: v}", '{"2020-01-01":"v"}'],
    ["bytes of a binary key", "{!!binary aGk= : v}", '{"hi":"v"}'],
    ["no member of a key that is null", "{~: v, a: b}", '{"a":"b"}'],
    ["members sorted by bytes", '{"\\ue000": 1, "\\U0001F600": 2, a: 3}', '{"a":3,"\ue000":1,"😀":2}'],
    ["ordinary keys of JavaScript's own names", "{__proto__: 1, constructor: 2}", '{"__proto__":1,"constructor":2}'],
    ["what an alias names", "{a: &x {k: 1}, b: *x}", '{"a":{"k":1},"b":{"k":1}}'],
    ["merged members, own ones first", "{b: 1, <<: {b: 2, c: 3}}", '{"b":1,"c":3}'],
    ["members merged of several maps, the first wins", "{<<: [{a: 1}, {a: 2, b: 3}]}", '{"a":1,"b":3}'],
    ["members merged by an inner map", "{a: {<<: {k: yes}}}", '{"a":{"k":"yes"}}'],
    ["an ordinary member of a quoted <<", '{"<<": 1}', String.raw`{"\u003c\u003c":1}`],
  ];
  for (const [what, yaml, json] of maps) {
    it(`makes ${what}`, () => expect(jsonOf(yaml)).toBe(json));
  }

  const errors: readonly (readonly [yaml: string, message: string])[] = [
    ["[1]", "a map is needed, not a list at line 1, column 1"],
    ["text", "a map is needed, not text at line 1, column 1"],
    ["''", "a map is needed, not text at line 1, column 1"],
    ["v: .inf", "a number that JSON cannot hold at line 1, column 4"],
    ["v: [-.Inf]", "a number that JSON cannot hold at line 1, column 5"],
    ["v: .nan", "a number that JSON cannot hold at line 1, column 4"],
    ["v: !!bool yes", "text that does not fit its tag !!bool at line 1, column 11"],
    ["v: !!timestamp soon", "text that does not fit its tag !!timestamp at line 1, column 16"],
    ["v: !!binary a", "base64 without its padding, or cut short at line 1, column 13"],
    ["v: 2001-01-01T00:00:00+24:00", "a time zone that JSON cannot hold at line 1, column 4"],
    ["{a: 1, a: 2}", 'key "a" appears twice (first at line 1) at line 1, column 8'],
    ["{1: 1, '1': 2}", 'key "1" appears twice (first at line 1) at line 1, column 8'],
    ["{a: {b: 1, b: 2}}", 'key "b" appears twice (first at line 1) at line 1, column 12'],
    ["{[a]: 1}", "a key must be text, not a list at line 1, column 2"],
    ["{<<: text}", "`<<` needs a map or a list of maps at line 1, column 6"],
  ];
  for (const [yaml, message] of errors) {
    it(`refuses ${yaml}: ${message}`, () => expect(jsonOf(yaml)).toBe(message));
  }

  for (const key of ["1", "true", "~", "2020-01-01", "!!binary aGk= ", ".5", "!mine x"]) {
    it(`refuses ${key} as a key of an inner map, as encoding/json does`, () => {
      expect(jsonOf(`{a: {${key}: v}}`)).toMatch(
        /^a key inside secretArgs must be text, because JSON has no other keys/,
      );
    });
  }

  it("counts aliases and levels as every reading does", () => {
    expect(jsonOf(`a: ${"[".repeat(300)}`)).toMatch(/^YAML nests deeper than 200 levels/);
  });
});
