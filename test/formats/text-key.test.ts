import { describe, expect, it } from "vitest";
import { FormatError } from "../../src/formats/format-error.ts";
import { parseJson } from "../../src/formats/json.ts";
import { jsonTextMembers, yamlTextMembers } from "../../src/formats/text-key.ts";

type Row = readonly [what: string, text: string, members: object | string];

const rest = "a number is larger than any that a JSON reader holds";

const json: readonly Row[] = [
  ["text", '{"a":"b","A":"c"}', { a: "b", A: "c" }],
  ["the last of equal names", '{"a":"b","a":"c"}', { a: "c" }],
  [
    "no text",
    '{"a":1,"b":true,"c":null,"d":{},"e":[]}',
    { a: undefined, b: undefined, c: undefined, d: undefined, e: undefined },
  ],
  ["null", "null", {}],
  ["an empty name", '{"":"a"}', { "": "a" }],
  ["a name of JavaScript's", '{"__proto__":"a"}', JSON.parse('{"__proto__":"a"}')],
  ["a list", "[]", "a JSON object is needed"],
  ["a text", '"a"', "a JSON object is needed"],
  ["a number beyond float64, far inside", '{"a":"b","c":[{"d":1e999}]}', rest],
  ["a number below float64", '{"a":"b","c":1e-999}', { a: "b", c: undefined }],
];

const broken = "it is not a YAML map at line 1, column";

const yaml: readonly Row[] = [
  ["text", "a: b\nc: 'd'\ne: \"f\"\n", { a: "b", c: "d", e: "f" }],
  ["a block", "a: |\n  b\n  c\n", { a: "b\nc\n" }],
  ["nothing", "", {}],
  ["a comment", "# a: b\n", {}],
  ["null", "~", {}],
  ["JSON", '{"a":"b"}', { a: "b" }],
  [
    "words of YAML 1.1, which are text",
    "a: yes\nb: no\nc: on\nd: off\ne: 1:30\n",
    { a: "yes", b: "no", c: "on", d: "off", e: "1:30" },
  ],
  ["booleans and null", "a: true\nb: ~\nc:\n", { a: undefined, b: undefined, c: undefined }],
  [
    "numbers",
    "a: 1\nb: 1.5\nc: 1_000\nd: 0x1f\ne: .inf\n",
    { a: undefined, b: undefined, c: undefined, d: undefined, e: undefined },
  ],
  [
    "dates",
    "a: 2024-01-02\nb: '2024-01-02'\nc: !!str 2024-01-02\n",
    { a: undefined, b: "2024-01-02", c: "2024-01-02" },
  ],
  ["names that are numbers and booleans", "1: a\ntrue: b\n1.5: c\n", { "1": "a", true: "b", "1.5": "c" }],
  ["a name that is null", "~: a\nb: c\n", { b: "c" }],
  ["merges", "a: &x {b: c}\n<<: *x\nd: e\n", { a: undefined, b: "c", d: "e" }],
  ["bytes", "a: !!binary aGk=\n", { a: "hi" }],
  ["maps and lists", "a: {b: c}\nd: [e]\n", { a: undefined, d: undefined }],
  ["a list", "- a\n", `${broken} 1`],
  ["a text", "CANARY", `${broken} 1`],
  ["a name that is there twice", "CANARY: b\nCANARY: c\n", "it is not a YAML map at line 2, column 1"],
  ["a name that is there twice inside", "a: {CANARY: b, CANARY: c}\n", `${broken} 16`],
  ["a tag that does not fit", "a: !!int CANARY\n", `${broken} 10`],
  ["an alias to nothing", "a: *CANARY\n", `${broken} 4`],
  ["an open bracket", "a: [CANARY\n", expect.stringContaining("it is not a YAML map at line") as unknown as string],
];

function said(read: () => ReadonlyMap<string, string | undefined>): unknown {
  try {
    return Object.fromEntries(read());
  } catch (thrown) {
    return thrown instanceof FormatError ? thrown.message : expect.unreachable("no format error");
  }
}

describe("members that are text", () => {
  it.each(json)("of JSON with %s", (_, text, members) => {
    expect(said(() => jsonTextMembers(parseJson(text)))).toEqual(members);
  });

  it.each(yaml)("of YAML with %s", (_, text, members) => {
    expect(said(() => yamlTextMembers(Buffer.from(text)))).toEqual(members);
  });

  it("of JSON are read as Go reads them: bytes that are no UTF-8, a mark before it, something behind it", () => {
    const bytes = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff, 0x62]), Buffer.from('"}')]);
    expect(said(() => jsonTextMembers(parseJson(bytes)))).toEqual({ a: "\ufffdb" });
    for (const odd of ['\ufeff{"a":"b"}', '{"a":"b"} {}', '{"a":"b"}x', "", "{'a':'b'}", '{"a":"b",}']) {
      expect(
        said(() => jsonTextMembers(parseJson(Buffer.from(odd)))),
        odd,
      ).toEqual(expect.any(String));
    }
  });

  it("are none where it is no UTF-8", () => {
    expect(said(() => yamlTextMembers(Buffer.from([0x61, 0x3a, 0x20, 0xff])))).toBe("it is not UTF-8");
  });
});
