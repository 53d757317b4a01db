import { describe, expect, it } from "vitest";
import { FormatError } from "../../src/formats/format-error.ts";
import { type PemPart, pemPart } from "../../src/formats/pem.ts";
import fc from "../property.ts";

/** The blocks as a pattern finds them, in time that grows with the square of the text. */
const slow = /-----BEGIN ([A-Z0-9 ]+)-----\r?\n[A-Za-z0-9+/=\s:,-]*?\r?\n-----END \1-----/g;

function byPattern(text: string, part: PemPart): string | undefined {
  const blocks = [...text.matchAll(slow)].map(([whole, label = ""]) => ({ whole, label }));
  const certificates = blocks.filter(({ label }) => label === "CERTIFICATE");
  const keys = blocks.filter(({ label }) => label.endsWith("PRIVATE KEY"));
  if ((part === "key" ? keys : certificates).length === 0) return undefined;
  const chosen = { cert: certificates.slice(0, 1), key: keys.slice(0, 1), chain: certificates.slice(1) }[part];
  return chosen.map(({ whole }) => `${whole}\n`).join("");
}

function partOf(text: string, part: PemPart): string | undefined {
  try {
    return pemPart(text, part);
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

const piece = fc.constantFrom(
  ...["-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----", "-----BEGIN RSA PRIVATE KEY-----"],
  ...["-----END RSA PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "-----BEGIN A-----"],
  ...["\n", "\n", "\n", "\r\n", "YWJj", "Proc-Type: 4,ENCRYPTED", "#", "-----", " "],
);

describe("the parts of a PEM text", () => {
  it("are those that a pattern finds, whatever the text", () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 24 }), fc.constantFrom<PemPart>("cert", "key", "chain"), (all, part) => {
        const text = all.join("");
        expect(partOf(text, part)).toBe(byPattern(text, part));
      }),
    );
  });

  const million = 1024 ** 2;
  it.each([
    ["beginnings without an end", "-----BEGIN CERTIFICATE-----\nYQ==\n".repeat(million / 32)],
    ["beginnings of other things than the end", `${"-----BEGIN A-----\n".repeat(million / 18)}-----END B-----`],
    ["ends without a beginning", "\n-----END CERTIFICATE-----".repeat(million / 26)],
    ["blanks behind each beginning", `${"-----BEGIN CERTIFICATE-----\n\n".repeat(1_000)}${" \n".repeat(million)}`],
    ["one beginning of many words", `-----BEGIN ${"A ".repeat(million)}`],
  ])("are looked for once through the text: %s", (_, text) => {
    expect(partOf(text, "cert")).toBeUndefined();
  });
});
