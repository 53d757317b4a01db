import { describe, expect, it } from "vitest";
import { FormatError } from "../../src/formats/format-error.ts";
import { decodeForm, decodeUrl, encodeForm, encodeUrl } from "../../src/formats/url-text.ts";
import fc from "../property.ts";

const texts: readonly [text: string, url: string, form: string][] = [
  ["plain-1._~", "plain-1._~", "plain-1._~"],
  ["p w", "p%20w", "p+w"],
  ["p+w", "p%2Bw", "p%2Bw"],
  ["p@ss:/?#[]&=%", "p%40ss%3A%2F%3F%23%5B%5D%26%3D%25", "p%40ss%3A%2F%3F%23%5B%5D%26%3D%25"],
  ["it's (a) *test*!", "it%27s%20%28a%29%20%2Atest%2A%21", "it%27s+%28a%29+%2Atest%2A%21"],
  ['"$`\\\n', "%22%24%60%5C%0A", "%22%24%60%5C%0A"],
  ["é😀", "%C3%A9%F0%9F%98%80", "%C3%A9%F0%9F%98%80"],
  ["\ud800", "%EF%BF%BD", "%EF%BF%BD"],
  ["", "", ""],
];

describe("text in a URL", () => {
  it.each(texts)("%j is %s, in a form %s", (text, url, form) => {
    expect([encodeUrl(text), encodeForm(text)]).toEqual([url, form]);
  });

  const text = fc.string({ unit: "binary", minLength: 1 });

  it("reads back as it was, by every part of the URL standard", () => {
    fc.assert(
      fc.property(text, (value) => {
        const encoded = encodeUrl(value);
        const { username, password, pathname, searchParams, hash } = new URL(
          `postgres://${encoded}:${encoded}@db/${encoded}?p=${encoded}#${encoded}`,
        );
        const parts = [username, password, pathname.slice(1), hash.slice(1)].map(decodeURIComponent);
        // A path of dots is no name there, however it is written.
        if (/^\.{1,2}$/.test(value)) parts[2] = value;
        expect([...parts, searchParams.get("p"), decodeUrl(encoded)]).toEqual(Array(6).fill(value));
      }),
    );
  });

  it("of a form reads back as it was", () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(new URLSearchParams(`p=${encodeForm(value)}`).get("p")).toBe(value);
        expect(decodeForm(encodeForm(value))).toBe(value);
      }),
    );
  });

  it("keeps its plus, which a form reads as a space", () => {
    expect([decodeUrl("a+b%20c"), decodeForm("a+b%20c")]).toEqual(["a+b c", "a b c"]);
  });

  it.each(["%", "%zz", "%C3", "%ff"])("that is cut (%s) is refused, and not quoted", (cut) => {
    expect(() => decodeUrl(`CANARY${cut}`)).toThrow(new FormatError("the text is not percent-encoded UTF-8"));
  });
});
