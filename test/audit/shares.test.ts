import { describe, expect, it } from "vitest";
import { AuditShares } from "../../src/audit/shares.ts";
import { VirtualTime } from "../cache/virtual-time.ts";
import fc from "../property.ts";
import { entry, place, reportOf } from "./fixture.ts";

const hour = 3_600_000;

describe("the shares of an audit log", () => {
  it("give a namespace its part at once and again each hour, and take nothing from others", async () => {
    const time = new VirtualTime();
    const shares = new AuditShares(time, 24_000);
    expect([shares.take("flood", 900), shares.take("flood", 900), shares.take("flood", 1)]).toEqual([900, 100, 0]);
    expect(shares.take("shop", 900)).toBe(900);
    await time.advance(hour / 2);
    expect(shares.take("flood", 900)).toBe(500);
    await time.advance(10 * hour);
    expect(shares.take("flood", 9_000)).toBe(1_000);
  });

  it("give no namespace more than its part, by generated wishes", async () => {
    const wish = fc.record({ namespace: fc.nat(3), bytes: fc.nat(2_000), wait: fc.nat(hour) });
    await fc.assert(
      fc.asyncProperty(fc.array(wish, { maxLength: 60 }), async (wishes) => {
        const time = new VirtualTime();
        const shares = new AuditShares(time, 24_000);
        const given = [0, 0, 0, 0];
        let passed = 0;
        for (const { namespace, bytes, wait } of wishes) {
          await time.advance(wait);
          passed += wait;
          given[namespace] = (given[namespace] ?? 0) + shares.take(`n${namespace}`, bytes);
          for (const sum of given) expect(sum).toBeLessThanOrEqual(1_000 + (passed / hour) * 1_000 + 1);
        }
      }),
      { numRuns: 50 },
    );
  });
});

const oddText = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.constantFrom("\u0001".repeat(3_000), '"'.repeat(2_000), "\u{1f511}".repeat(1_500), "\ud800".repeat(900)),
);

const flood = fc.record({
  names: fc.array(oddText, { minLength: 1, maxLength: 5 }),
  count: fc.constantFrom(0, 1, 30, 300, 1_000),
  secretProviderClass: oddText,
});

describe("the evidence of a mount", () => {
  it("stays, and verifies, whatever one other namespace mounts, by generated floods", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(flood, { minLength: 1, maxLength: 40 }), async (mounts) => {
        const { path, start, lines } = await place();
        const log = await start({ mostBytes: 100_000, keep: 5 });
        await log.write(entry(0));
        for (const { names, count, secretProviderClass } of mounts) {
          const objects = Array.from({ length: count }, (_, at) => ({
            ...{ store: "vault", ref: `${names[at % names.length]}${at}`, answer: "absent" as const },
          }));
          await log.write(entry(1, { namespace: "flood", secretProviderClass, objects }));
        }
        const kept: string[] = [];
        for (const at of [5, 4, 3, 2, 1]) kept.push(...(await lines(`${path}.${at}`).catch(() => [])));
        kept.push(...(await lines()));
        expect(reportOf(kept, log.head === undefined ? [] : [log.head])).toMatchObject({
          ...{ lines: mounts.length + 1, findings: [] },
        });
        expect(JSON.parse(kept[0] ?? "").namespace).toBe("shop");
      }),
      { numRuns: 20 },
    );
  });
});
