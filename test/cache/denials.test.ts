import { describe, expect, it } from "vitest";
import { Denials } from "../../src/cache/denials.ts";
import { ProviderError } from "../../src/errors.ts";

const denied = (text: string) => new ProviderError("LK0033", text);

describe("remembered denials", () => {
  it("count for their time", () => {
    const denials = new Denials();
    denials.set("a", { error: denied("no"), until: 10 });
    expect([denials.get("a", 9)?.message, denials.get("a", 10), denials.get("b", 9)]).toEqual([
      "no",
      undefined,
      undefined,
    ]);
  });

  it("take so much memory and no more, however long a store's texts are", () => {
    const denials = new Denials();
    const count = (length: number) => {
      for (let key = 0; key < 10_000; key += 1) denials.set(`${key}`, { error: denied("x".repeat(length)), until: 1 });
      return Array.from({ length: 10_000 }, (_, key) => denials.get(`${key}`, 0)).filter(Boolean).length;
    };
    expect(count(100)).toBeGreaterThan(4_000);
    expect(count(8_192)).toBeLessThan(300);
  });
});
