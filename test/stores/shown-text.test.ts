import { describe, expect, it } from "vitest";
import { shownText } from "../../src/stores/shown-text.ts";

const jwt = `eyJ${"a".repeat(40)}.eyJ${"b".repeat(40)}.CANARY`;

describe("a store's own words", () => {
  const texts: readonly (readonly [said: string, shown: string])[] = [
    ["no such\r\n\tthing. : ", "no such thing"],
    ["the token s.CANARY is bad", "the token [redacted] is bad"],
    [`claim of ${jwt} is bad`, "claim of [redacted] is bad"],
    ["x".repeat(300), `${"x".repeat(255)}…`],
    ["", ""],
  ];
  for (const [said, shown] of texts) {
    it(`${JSON.stringify(said.slice(0, 40))} are shown as ${JSON.stringify(shown.slice(0, 40))}`, () => {
      expect(shownText(said, ["s.CANARY", ""])).toBe(shown);
    });
  }

  const secretsIn: readonly (readonly [said: string, secrets: readonly string[], shown: string])[] = [
    ["InvalidRequestException: no", ["st"], "InvalidRequestException: no"],
    ["AccessDenied: a policy", ["a", "", "denied"], "AccessDenied: a policy"],
    ["role shop has no secret_id", ["shop", "id", "secret"], "role shop has no secret_id"],
    ["1234567 and 12345678", ["1234567", "12345678"], "1234567 and [redacted]"],
    // One that begins as another does leaves nothing of the longer one behind.
    ["is role-id-1-and-more bad", ["role-id-1", "role-id-1-and-more"], "is [redacted] bad"],
    ["redacted twice: secret-one redacted", ["redacted", "secret-one"], "[redacted] twice: [redacted] [redacted]"],
  ];
  it.each(secretsIn)("%j without %j are shown as %j", (said, secrets, shown) => {
    expect(shownText(said, secrets)).toBe(shown);
  });

  // A server that a pod author chose says up to 8 MiB, and the whole node waits while it is read.
  const long: readonly (readonly [said: string, start: string])[] = [
    [`${".".repeat(8 * 1024 ** 2)}x`, ""],
    [`${"-eyJ".repeat(2 * 1024 ** 2)} end`, "-[redacted]"],
    [`${"\u0001".repeat(8 * 1024 ** 2)}x`, ""],
    [`eyJ${"a".repeat(8 * 1024 ** 2)}.b.CANARY`, "[redacted]"],
  ];
  for (const [said, start] of long) {
    it(`of 8 MiB that begin with ${JSON.stringify(said.slice(0, 5))} are shown at once, and cut`, () => {
      const shown = shownText(said, ["s.CANARY"]);
      expect(shown.slice(0, start.length)).toBe(start);
      expect(shown.length).toBeLessThan(257);
      expect(shown).not.toContain("CANARY");
    });
  }
});
