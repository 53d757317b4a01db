import { describe, expect, it } from "vitest";
import { ProofWarnings } from "../../src/identity/proof-warnings.ts";
import { explained, unprovedCauses } from "../../src/identity/unproved.ts";
import { createLogger } from "../../src/log.ts";
import { VirtualTime } from "../cache/virtual-time.ts";

describe("the warning that tokens prove nobody", () => {
  it("comes at once and then once a minute at most, with all that came since and the cure of most", async () => {
    const time = new VirtualTime();
    const lines: Record<string, unknown>[] = [];
    const warnings = new ProofWarnings(createLogger("debug", { write: (line) => lines.push(JSON.parse(line)) }), time);
    for (let count = 0; count < 100; count += 1) warnings.note("no_keys");
    expect(lines).toMatchObject([{ level: "warn", unprovedMounts: { no_keys: 1 }, ...toldOf("no_keys") }]);
    await time.advance(59_999);
    warnings.note("expired");
    expect(lines.length).toBe(1);
    await time.advance(1);
    warnings.note("expired");
    expect(lines[1]).toMatchObject({ unprovedMounts: { no_keys: 99, expired: 2 }, ...toldOf("no_keys") });
    await time.advance(60_000);
    warnings.note("expired");
    expect(lines[2]).toMatchObject({ unprovedMounts: { expired: 1 }, ...toldOf("expired") });
  });

  it("knows words and a cure for every cause", () => {
    for (const cause of unprovedCauses) {
      expect(explained[cause]).toMatchObject({ why: expect.stringMatching(/^the /), fix: expect.stringMatching(/./) });
    }
  });
});

function toldOf(cause: keyof typeof explained) {
  const { why, fix } = explained[cause];
  return { why, fix };
}
