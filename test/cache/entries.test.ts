import { describe, expect, it } from "vitest";
import { Entries, type Entry } from "../../src/cache/entries.ts";
import fc from "../property.ts";
import { entryOf } from "./entry-of.ts";
import { seeded } from "./virtual-time.ts";

function filled(most: number, entries: readonly Entry<string>[]): Entries<string> {
  const kept = new Entries<string>(most);
  for (const entry of entries) kept.set(entry);
  return kept;
}

function keysOf(entries: Entries<string>): readonly string[] {
  return entries
    .all()
    .map(({ key }) => key)
    .sort();
}

const sum = (entries: readonly Entry<string>[]) => entries.reduce((bytes, entry) => bytes + entry.bytes, 0);

describe("the entries", () => {
  it("are found by their key and namespace", () => {
    const entries = filled(100, [entryOf("a"), entryOf("b", { namespace: "bank" })]);
    const found = [entries.get("a", "shop"), entries.get("a", "bank"), entries.get("b", "bank")];
    expect(found.map((entry) => entry?.value)).toEqual(["value of a", undefined, "value of b"]);
  });

  it("take the place of an older one of their key", () => {
    const entries = filled(100, [entryOf("a", { bytes: 90 }), entryOf("a", { bytes: 40, value: "new" })]);
    expect([entries.get("a", "shop")?.value, entries.bytes, entries.evicted]).toEqual(["new", 40, 0]);
  });

  it("take its place also where one is issued and the other is not", () => {
    const issued = entryOf("a", { issued: true, expiresAt: 1_000 });
    const entries = filled(100, [entryOf("a"), issued]);
    expect([entries.all().length, entries.bytes]).toEqual([1, 10]);
    entries.set(entryOf("a"));
    expect([entries.all().length, entries.bytes, entries.get("a", "shop")?.issued]).toEqual([1, 10, false]);
  });

  it("that were used least lately go first", () => {
    const entries = filled(30, [entryOf("a"), entryOf("b"), entryOf("c")]);
    entries.get("a", "shop");
    expect(entries.set(entryOf("d")).map(({ key }) => key)).toEqual(["b"]);
    expect([keysOf(entries), entries.evicted]).toEqual([["a", "c", "d"], 1]);
  });

  it("of a namespace that floods push out its own", () => {
    const others = ["a", "b", "c"].map((key) => entryOf(key, { namespace: key }));
    const entries = filled(100, [...others, ...Array.from({ length: 500 }, (_, index) => entryOf(`flood-${index}`))]);
    expect(keysOf(entries).slice(0, 3)).toEqual(["a", "b", "c"]);
    expect(entries.bytes).toBe(100);
  });

  it("larger than the whole bound are not kept, and push nobody out", () => {
    const entries = filled(50, [entryOf("a")]);
    const large = entryOf("large", { bytes: 51 });
    expect(entries.set(large)).toEqual([large]);
    expect([keysOf(entries), entries.bytes]).toEqual([["a"], 10]);
  });

  it("go on being kept after a large one has pushed out all others", () => {
    const entries = filled(100, [entryOf("a", { bytes: 40 }), entryOf("b", { bytes: 40 })]);
    entries.set(entryOf("large", { bytes: 100 }));
    expect([keysOf(entries), entries.bytes]).toEqual([["large"], 100]);
    entries.set(entryOf("c", { bytes: 40 }));
    entries.set(entryOf("d", { bytes: 40 }));
    expect([keysOf(entries), entries.bytes]).toEqual([["c", "d"], 80]);
  });

  it("that are issued and expire are the last that their namespace loses", () => {
    const issued = entryOf("lease", { issued: true, expiresAt: 1_000, bytes: 60 });
    const entries = filled(100, [issued, ...Array.from({ length: 50 }, (_, index) => entryOf(`${index}`))]);
    expect(entries.get("lease", "shop")).toBe(issued);
    expect(entries.bytes).toBe(100);
  });

  it("that are issued count in their namespace's share, and never pass the bound", () => {
    const leases = Array.from({ length: 50 }, (_, pod) =>
      entryOf(`${pod}`, { namespace: "flood", issued: true, expiresAt: 1e9 }),
    );
    const entries = filled(100, [entryOf("a"), ...leases]);
    expect([entries.get("a", "shop")?.key, entries.bytes, entries.evicted]).toEqual(["a", 100, 41]);
    expect(entries.set(entryOf("large", { issued: true, expiresAt: 1e9, bytes: 101 }))).toHaveLength(1);
  });

  it("that were issued to pods long gone make room when they have expired", () => {
    const leases = Array.from({ length: 50 }, (_, pod) => entryOf(`${pod}`, { issued: true, expiresAt: 1_000 + pod }));
    const entries = filled(10_000, leases);
    const gone = entries.set(entryOf("next", { issued: true, fetchedAt: 1_029, expiresAt: 2_000 }));
    expect([gone.length, entries.bytes]).toEqual([30, 210]);
  });

  it("that are issued without an end are within the bound as all others are", () => {
    const endless = Array.from({ length: 50 }, (_, pod) => entryOf(`${pod}`, { issued: true }));
    expect(filled(100, endless).bytes).toBe(100);
  });

  it("are deleted once", () => {
    const entries = filled(100, [entryOf("a"), entryOf("lease", { issued: true, expiresAt: 9 })]);
    expect(["a", "a", "lease", "lease"].map((key) => entries.delete(entryOf(key)))).toEqual([true, false, true, false]);
    expect(entries.bytes).toBe(0);
  });

  it("are within the bound and counted right whatever comes and goes", () => {
    const random = seeded(3);
    const pick = (most: number) => Math.floor(random() * most);
    const entries = new Entries<string>(1_000);
    for (let step = 0; step < 5_000; step += 1) {
      const issued = pick(3) === 0 ? { issued: true, expiresAt: step + pick(500), fetchedAt: step } : {};
      const bytes = 1 + pick(pick(10) === 0 ? 1_100 : 100);
      const entry = entryOf(`${pick(60)}`, { namespace: `n${pick(4)}`, bytes, ...issued });
      if (pick(5) === 0) entries.delete(entry);
      else entries.set(entry);
      expect(entries.bytes).toBe(sum(entries.all()));
      expect(entries.bytes).toBeLessThanOrEqual(1_000);
    }
    expect(entries.evicted).toBeGreaterThan(100);
  });

  it("of a namespace that holds no more than its part are never pushed out, by generated floods", () => {
    const flood = fc.record({
      ...{ namespace: fc.nat(6), key: fc.nat(40), bytes: fc.integer({ min: 1, max: 90 }), issued: fc.boolean() },
      expiresAt: fc.option(fc.integer({ min: 1, max: 1e9 }), { nil: undefined }),
    });
    const own = fc.array(fc.record({ bytes: fc.integer({ min: 1, max: 25 }), issued: fc.boolean() }), { maxLength: 4 });
    fc.assert(
      fc.property(own, fc.array(flood, { maxLength: 80 }), (victims, floods) => {
        const kept = victims.map(({ bytes, issued }, at) => entryOf(`v${at}`, { bytes, issued, expiresAt: 1e9 }));
        const entries = filled(800, kept);
        for (const { namespace, key, ...more } of floods) {
          entries.set(entryOf(`${key}`, { namespace: `n${namespace}`, ...more }));
          expect(entries.bytes).toBeLessThanOrEqual(800);
        }
        expect(kept.map(({ key }) => entries.get(key, "shop"))).toEqual(kept);
      }),
      { numRuns: 1_000 },
    );
  });
});
