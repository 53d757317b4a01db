import { describe, expect, it } from "vitest";
import { ProviderError } from "../../src/errors.ts";
import { boundsOf, readCommon } from "../../src/fetch/bounds.ts";
import type { WantedBounds } from "../../src/plan/wanted-bounds.ts";

const operator = { refresh: 120_000, minRefresh: 10_000, maxStale: 3_600_000 };

describe("a SecretProviderClass", () => {
  const cases: readonly { wanted: WantedBounds; bounds: object }[] = [
    { wanted: {}, bounds: { refresh: 120_000, maxStale: 3_600_000, spread: 0 } },
    { wanted: { refresh: 600_000 }, bounds: { refresh: 600_000, maxStale: 3_600_000, spread: 0 } },
    { wanted: { refresh: 30_000 }, bounds: { refresh: 30_000, maxStale: 3_600_000, spread: 0 } },
    { wanted: { refresh: 9_999 }, bounds: { refresh: 10_000, maxStale: 3_600_000, spread: 0 } },
    { wanted: { refresh: 0 }, bounds: { refresh: 10_000, maxStale: 3_600_000, spread: 0 } },
    { wanted: { maxStale: 0 }, bounds: { refresh: 120_000, maxStale: 0, spread: 0 } },
    { wanted: { maxStale: 3_600_001 }, bounds: { refresh: 120_000, maxStale: 3_600_000, spread: 0 } },
    { wanted: { spread: 60_000 }, bounds: { refresh: 120_000, maxStale: 3_600_000, spread: 60_000 } },
  ];
  it.each(cases)("that wants $wanted gets $bounds", ({ wanted, bounds }) => {
    expect(boundsOf(operator, wanted)).toEqual({ ...bounds, notBefore: undefined });
  });

  it("that wants nothing gets what the operator wants, within the operator's own least", () => {
    expect(boundsOf({ ...operator, refresh: 0 }, undefined, { notBefore: 5 })).toEqual({
      ...{ refresh: 10_000, maxStale: 3_600_000, spread: 0 },
      notBefore: 5,
    });
  });

  it("gets nothing stale where the operator allows none", () => {
    expect(boundsOf({ ...operator, maxStale: 0 }, { maxStale: 60_000 }).maxStale).toBe(0);
  });
});

describe("notBefore", () => {
  it.each([
    ["2026-11-23T12:00:00Z", Date.UTC(2026, 10, 23, 12)],
    ["2026-11-23t12:00:00.250z", Date.UTC(2026, 10, 23, 12, 0, 0, 250)],
    ["2026-11-23T12:00:00+02:00", Date.UTC(2026, 10, 23, 10)],
    ["", undefined],
  ])("of %j is %j", (text, time) => {
    expect(readCommon(new Map([["notBefore", text]])).notBefore).toBe(time);
  });

  it("may be absent", () => {
    expect(readCommon(new Map())).toEqual({});
  });

  it.each(["soon", "2026-11-23", "2026-11-23T12:00:00", "2026-13-23T12:00:00Z", "1795435200", "2026-11-23 12:00:00Z"])(
    "is not a time where it says %j",
    (text) => {
      const read = () => readCommon(new Map([["notBefore", text]]));
      expect(read).toThrow(ProviderError);
      expect(read).toThrow(`${JSON.stringify(text)} is not a time`);
    },
  );

  it("is quoted in an error only so far", () => {
    expect(() => readCommon(new Map([["notBefore", "x".repeat(100_000)]]))).toThrow(/^"x{64}" is not a time$/);
  });
});
