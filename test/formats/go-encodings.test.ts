import { describe, expect, it } from "vitest";
import { decodeGoBase64, decodeGoHex } from "../../src/formats/go-encodings.ts";
import fc from "../property.ts";

function outcome(decode: (text: string) => Uint8Array, text: string): string {
  try {
    return Buffer.from(decode(text)).toString("latin1");
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : "no error";
  }
}

const alphabet = "FormatError: a character that is not in base64's standard alphabet";
const padding = "FormatError: base64 without its padding, or cut short";

describe("decodeGoBase64", () => {
  const texts: readonly (readonly [text: string, result: string])[] = [
    ["", ""],
    ["aGk=", "hi"],
    ["aGkh", "hi!"],
    ["aA==", "h"],
    ["aG\nk\r\n=\n", "hi"],
    ["a\nA=\n=", "h"],
    ["aGl=", "hi"],
    ["+/+/", "\xfb\xff\xbf"],
    ["aGk", padding],
    ["aA=", padding],
    ["aGk=aGk=", alphabet],
    ["aGk =", padding],
    ["aG k", alphabet],
    ["-_-_", alphabet],
    ["====", alphabet],
    ["a===", alphabet],
    ["=aaa", alphabet],
    ["aGk\u00e9", alphabet],
    ["aGk=\n", "hi"],
    ["\t\t\t\t", alphabet],
  ];
  for (const [text, result] of texts) {
    it(`answers ${JSON.stringify(text)} with ${JSON.stringify(result)}`, () => {
      expect(outcome(decodeGoBase64, text)).toBe(result);
    });
  }

  it("decodes what is encoded", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(Buffer.from(decodeGoBase64(Buffer.from(bytes).toString("base64")))).toEqual(Buffer.from(bytes));
      }),
    );
  });
});

describe("decodeGoHex", () => {
  const foreign = "FormatError: a character that is not a hexadecimal digit";
  const texts: readonly (readonly [text: string, result: string])[] = [
    ["", ""],
    ["6869", "hi"],
    ["6A6b", "jk"],
    ["686", "FormatError: an odd number of hexadecimal digits"],
    ["0x68", foreign],
    ["68 69", foreign],
    ["68\n", foreign],
    ["6g", foreign],
  ];
  for (const [text, result] of texts) {
    it(`answers ${JSON.stringify(text)} with ${JSON.stringify(result)}`, () => {
      expect(outcome(decodeGoHex, text)).toBe(result);
    });
  }
});
