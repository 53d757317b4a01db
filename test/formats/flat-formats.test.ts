import { describe, expect, it } from "vitest";
import { parseDocument } from "yaml";
import { writeDotenv } from "../../src/formats/dotenv.ts";
import { flatten } from "../../src/formats/flat-object.ts";
import { FormatError } from "../../src/formats/format-error.ts";
import { decodeBase64Url } from "../../src/formats/go-encodings.ts";
import { type JsonObject, parseJson } from "../../src/formats/json.ts";
import { pemPart } from "../../src/formats/pem.ts";
import { escapePropertyValue, writeProperties } from "../../src/formats/properties.ts";
import { writeYaml } from "../../src/formats/write-yaml.ts";
import fc from "../property.ts";

const object = (text: string) => parseJson(text) as JsonObject;

describe("a dotenv file", () => {
  it("quotes what needs it, and keeps numbers as they were written", () => {
    const text = `{"A":"plain-1.2","B":"two words","D":"a\\nb","E":1.50,"F":null,"G":[1,"x"],"h_1":true,"I":"it's\\nb"}`;
    expect(writeDotenv(object(text))).toBe(
      [
        "A=plain-1.2",
        "B='two words'",
        "D='a\nb'",
        "E=1.50",
        "F=''",
        `G='[1,"x"]'`,
        "h_1=true",
        'I="it\'s\nb"',
        "",
      ].join("\n"),
    );
  });

  it.each(["a-b", "1a", "", "a b", "a.b", "é"])("has no name %j", (key) => {
    expect(() => writeDotenv(new Map([[key, "v"]]))).toThrow(FormatError);
  });
});

describe("a properties file", () => {
  it("is ASCII, with everything escaped that Java would read otherwise", () => {
    const text = `{"a b":" lead","c:d=e":"x\\\\y\\n\\t","#f":"é😀","g":1.50,"h":"a b"}`;
    expect(writeProperties(object(text))).toBe(
      "a\\ b=\\ lead\nc\\:d\\=e=x\\\\y\\n\\t\n\\#f=\\u00e9\\ud83d\\ude00\ng=1.50\nh=a b\n",
    );
  });

  // Each was read back by java.util.Properties of Java 17, as were 2,700 generated pairs of key and value.
  const values: readonly [value: string, escaped: string][] = [
    ["p@ss:\\word", "p@ss:\\\\word"],
    ["a=b:c#d!e", "a=b:c#d!e"],
    ["  two in front", "\\  two in front"],
    ["at the end ", "at the end "],
    ["\ttab", "\\ttab"],
    ["\u000b\u0000", "\\u000b\\u0000"],
    ["line\nbreak\r\n\f", "line\\nbreak\\r\\n\\f"],
    ["\\u0041", "\\\\u0041"],
    ["back\\", "back\\\\"],
    ["\u007f\u0085\u2028é😀", "\\u007f\\u0085\\u2028\\u00e9\\ud83d\\ude00"],
    ["", ""],
  ];
  it.each(values)("has the value %j as %j", (value, escaped) => {
    expect(escapePropertyValue(value)).toBe(escaped);
    expect(writeProperties(new Map([["k", value]]))).toBe(`k=${escaped}\n`);
  });

  const keys: readonly [key: string, escaped: string][] = [
    ["a=b:c d", "a\\=b\\:c\\ d"],
    ["#a", "\\#a"],
    ["!a", "\\!a"],
    ["a\\b", "a\\\\b"],
    ["", ""],
  ];
  it.each(keys)("has the key %j as %j", (key, escaped) => {
    expect(writeProperties(new Map([[key, "v"]]))).toBe(`${escaped}=v\n`);
  });
});

describe("YAML", () => {
  it("has every text in quotes, and numbers as they were written", () => {
    const text = `{"a":1.50,"yes":"no","d":"2020-01-01","n":null,"t":true,"l":[12345678901234567890,{"x":"y\\nz"}],"e":{}}`;
    expect(writeYaml(parseJson(text))).toBe(
      '"a": 1.50\n"yes": "no"\n"d": "2020-01-01"\n"n": null\n"t": true\n"l":\n  - 12345678901234567890\n  - "x": "y\\nz"\n"e": {}\n',
    );
  });

  it("says what the JSON said", () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const text = JSON.stringify(value);
        for (const version of ["1.1", "1.2"] as const) {
          const read = parseDocument(writeYaml(parseJson(text)), { version }).toJS({ maxAliasCount: 0 });
          expect(JSON.stringify(read)).toBe(text);
        }
      }),
    );
  });
});

describe("a flattened object", () => {
  it("joins keys in their order, and keeps lists and empty objects", () => {
    const flat = flatten(object('{"a":{"b":1,"c":{"d":2}},"e":[{"f":1}],"g":{},"a.b":3}'), ".");
    expect(flat.map(([key]) => key)).toEqual(["a.b", "a.c.d", "e", "g", "a.b"]);
  });

  it("takes any depth", () => {
    const deep = `${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`;
    expect(flatten(object(deep), "/")[0]?.[0].length).toBe(9_999);
  });
});

describe("a value that is nested very deep", () => {
  const deep = (levels: number) => object(`${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`);
  it("is written as YAML up to a hundred levels", () => {
    expect(writeYaml(deep(100)).split("\n").length).toBe(101);
    expect(() => writeYaml(deep(102))).toThrow("it is nested more than 100 levels deep");
    expect(() => writeYaml(deep(9_000))).toThrow("it is nested more than 100 levels deep");
  });

  it("tells of each key before it is made", () => {
    let left = 10_000;
    const spend = (characters: number) => {
      left -= characters;
      if (left < 0) throw new Error("enough");
    };
    expect(() => flatten(deep(5_000), "-".repeat(64), spend)).toThrow("enough");
    expect(left).toBeGreaterThan(-10_000);
  });
});

describe("a PEM bundle", () => {
  const block = (label: string, body: string) => `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----`;
  const [one, two, key] = [block("CERTIFICATE", "b25l"), block("CERTIFICATE", "dHdv"), block("PRIVATE KEY", "a2V5")];
  it("falls into its parts, in any order", () => {
    const bundle = `subject=x\n${key}\n${one}\r\n${two}\n`;
    expect(["cert", "key", "chain"].map((part) => pemPart(bundle, part as "cert"))).toEqual([
      `${one}\n`,
      `${key}\n`,
      `${two}\n`,
    ]);
    expect(pemPart(one, "chain")).toBe("");
    expect(pemPart(block("RSA PRIVATE KEY", "a2V5"), "key")).toContain("RSA");
  });

  it("that lacks a part says so", () => {
    expect(() => pemPart(key, "cert")).toThrow("there is no certificate in PEM form");
    expect(() => pemPart(one, "key")).toThrow("there is no private key in PEM form");
    expect(() => pemPart("CANARY", "chain")).toThrow("there is no certificate in PEM form");
  });

  it.each([
    ["-----BEGIN PRIVATE KEY----- Q0FO QVJZ -----END PRIVATE KEY-----", "its line breaks are missing"],
    ["-----BEGIN PRIVATE KEY-----Q0FOQVJZ-----END PRIVATE KEY-----", "its line breaks are missing"],
    [
      "-----BEGIN RSA PRIVATE KEY-----\\nQ0FOQVJZ\\n-----END RSA PRIVATE KEY-----\\n",
      "its line breaks are written as \\n",
    ],
    ["-----BEGIN EC PRIVATE KEY-----\\r\\nQ0FOQVJZ", "its line breaks are written as \\n"],
  ])("tell of line breaks that were lost: %j", (text, fault) => {
    expect(() => pemPart(text, "key")).toThrow(`there is no private key in PEM form: ${fault}`);
    const asCertificate = text.replace(/(?:RSA |EC )?PRIVATE KEY/g, "CERTIFICATE");
    for (const part of ["cert", "chain"] as const) {
      expect(() => pemPart(asCertificate, part)).toThrow(`there is no certificate in PEM form: ${fault}`);
    }
    expect(() => pemPart(text, "cert")).toThrow(/^there is no certificate in PEM form$/);
  });
});

describe("base64 of the URL-safe alphabet", () => {
  it.each([
    ["-_8", [0xfb, 0xff]],
    ["-_8=", [0xfb, 0xff]],
    ["YQ==", [0x61]],
    ["Y\nQ", [0x61]],
    ["", []],
  ])("reads %j", (text, bytes) => {
    expect([...decodeBase64Url(text)]).toEqual(bytes);
  });

  it.each(["+/8", "a", "YQ=", "YQ===", "Y Q", "é"])("refuses %j", (text) => {
    expect(() => decodeBase64Url(text)).toThrow(FormatError);
  });
});
