import { describe, expect, it } from "vitest";
import { Denials } from "../../src/cache/denials.ts";
import { Ledger } from "../../src/cache/ledger.ts";
import { ProviderError } from "../../src/errors.ts";

const denied = (text: string) => new ProviderError("LK0033", text);

/** The message that is remembered for a key; undefined if there is none. */
function remembered(denials: Denials, key: string, now: number): string | undefined {
  try {
    denials.throwIfRemembered(key, now);
    return undefined;
  } catch (error) {
    return (error as ProviderError).message;
  }
}

describe("remembered denials", () => {
  it("count for their time", () => {
    const denials = new Denials(new Ledger(4 * 1024 ** 2));
    denials.set("shop", "a", { error: denied("no"), until: 10 });
    expect([remembered(denials, "a", 9), remembered(denials, "a", 10), remembered(denials, "b", 9)]).toEqual([
      "no",
      undefined,
      undefined,
    ]);
  });

  it("take so much memory and no more, however long a store's texts are", () => {
    const denials = new Denials(new Ledger(4 * 1024 ** 2));
    const count = (length: number) => {
      for (let key = 0; key < 10_000; key += 1)
        denials.set("shop", `${key}`, { error: denied("x".repeat(length)), until: 1 });
      return Array.from({ length: 10_000 }, (_, key) => remembered(denials, `${key}`, 0)).filter(Boolean).length;
    };
    expect(count(100)).toBeGreaterThan(4_000);
    expect(count(8_192)).toBeLessThan(300);
  });
});
