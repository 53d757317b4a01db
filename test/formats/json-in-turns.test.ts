import { describe, expect, it } from "vitest";
import { FormatError } from "../../src/formats/format-error.ts";
import { type JsonValue, parseJson, parseJsonInTurns } from "../../src/formats/json.ts";
import fc from "../property.ts";

/** The value, or what is wrong. */
function atOnce(text: string): JsonValue | string {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof FormatError) return error.message;
    throw error;
  }
}

const inTurns = (text: string) =>
  parseJsonInTurns(text).catch((error: unknown) => {
    if (error instanceof FormatError) return error.message;
    throw error;
  });

describe("JSON that is read in turns", () => {
  it("comes to what it comes to at once, by generated texts and faults", async () => {
    const fault = fc.record({ at: fc.nat(10_000), put: fc.constantFrom("", "}", "]", ",", '"', "1", "\\") });
    await fc.assert(
      fc.asyncProperty(fc.json({ maxDepth: 6 }), fault, async (text, { at, put }) => {
        for (const each of [text, text.slice(0, at % (text.length + 1)) + put + text.slice(at % (text.length + 1))]) {
          expect(await inTurns(each)).toEqual(atOnce(each));
        }
      }),
      { numRuns: 500 },
    );
  });

  it("lets others have their turn before it has come to its end", async () => {
    const long = `[${"1,".repeat(200_000)}1]`;
    let turns = 0;
    let over = false;
    const count = () => {
      turns += 1;
      if (!over) setImmediate(count);
    };
    setImmediate(count);
    expect(await inTurns(long)).toHaveLength(200_001);
    over = true;
    expect(turns).toBeGreaterThan(1);
    expect(await inTurns(`[${"1,".repeat(250_000)}1]`)).toMatch(/^JSON has more than 250000 values/);
  });
});
