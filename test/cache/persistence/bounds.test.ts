import { rm } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { Sizes } from "../../../src/cache/persistence/sizes.ts";
import fc from "../../property.ts";
import { bytesOnFile, entry, fileSize, fixture, reload, sized } from "./fixture.ts";

describe("the bound of bytes", () => {
  it("removes what was saved longest ago", async () => {
    const all = await fixture();
    const one = await fileSize(all);
    const keeper = await all.open({ mostBytes: one * 3 });
    for (const key of ["a", "b", "c", "a", "d"]) {
      all.clock.pass(1);
      await keeper.save(sized(all, key));
    }
    expect(keeper.stats()).toMatchObject({ entries: 3, bytes: one * 3, evicted: 1, saved: 5 });
    expect(Object.keys(await reload(all))).toEqual(["c", "a", "d"]);
  });

  it("is shared by namespaces: one that floods pushes out its own files, also at the next start", async () => {
    const all = await fixture();
    const one = await fileSize(all);
    const keeper = await all.open({ mostBytes: one * 4 });
    const of = (namespace: string, key: string) => {
      const each = sized(all, key);
      return { ...each, about: { ...each.about, namespace, name: `secret/${key}`.padEnd(24) } };
    };
    await keeper.save(of("bank", "a"));
    for (let at = 0; at < 20; at += 1) {
      all.clock.pass(1);
      await keeper.save(of("shop", String.fromCharCode(66 + at)));
    }
    expect(keeper.stats().evicted).toBeGreaterThan(16);
    await keeper.close();
    expect(Object.keys(await reload(all, { mostBytes: one * 4 }))).toContain("a");
    expect(Object.keys(await reload(all, { mostBytes: one * 2.5 }))).toContain("a");
  });

  it("keeps every file of a namespace that holds no more than its part, by generated floods", async () => {
    const file = fc.record({ namespace: fc.nat(3), key: fc.nat(30), size: fc.integer({ min: 1, max: 250 }) });
    fc.assert(
      fc.property(fc.array(file, { maxLength: 120 }), (floods) => {
        const sizes = new Sizes(1_000);
        for (let at = 0; at < 4; at += 1) sizes.add(`own ${at}`, 50, "victim");
        const gone = floods.flatMap(({ namespace, key, size }) => {
          const names = sizes.add(`n${namespace} ${key}`, size, `n${namespace}`);
          expect(sizes.total).toBeLessThanOrEqual(1_000);
          return names;
        });
        expect(gone.filter((name) => name.startsWith("own"))).toEqual([]);
        expect([0, 1, 2, 3].every((at) => sizes.has(`own ${at}`))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it("holds for saves at once", async () => {
    const all = await fixture();
    const one = await fileSize(all);
    const keeper = await all.open({ mostBytes: one * 3 });
    await Promise.all(
      Array.from({ length: 50 }, (_, index) => keeper.save(sized(all, String.fromCharCode(65 + index)))),
    );
    expect(keeper.stats()).toMatchObject({ entries: 3, bytes: one * 3, evicted: 47 });
    expect(await bytesOnFile(all)).toBe(one * 3);
  });

  it("spares what is saved again while it is to go", async () => {
    const all = await fixture();
    const one = await fileSize(all);
    const keeper = await all.open({ mostBytes: one * 3 });
    for (const key of ["a", "b", "c"]) await keeper.save(sized(all, key));
    const asked = [keeper.save(sized(all, "d", 2))];
    while (keeper.stats().evicted === 0) await Promise.resolve();
    asked.push(keeper.drop("c"), keeper.save(sized(all, "b")));
    await Promise.all(asked);
    expect(keeper.stats()).toMatchObject({ entries: 2, evicted: 2 });
    expect(Object.keys(await reload(all)).sort()).toEqual(["b", "d"]);
  });

  it("holds for what is found at the start", async () => {
    const all = await fixture();
    const one = await fileSize(all);
    const keeper = await all.open();
    for (const key of ["a", "b", "c"]) {
      all.clock.pass(1);
      await keeper.save(sized(all, key));
    }
    await keeper.close();
    expect(await reload(all, { mostBytes: one * 2 })).toMatchObject({ b: expect.any(String), c: expect.any(String) });
    expect(await bytesOnFile(all)).toBe(one * 2);
  });

  it("keeps nothing of a key whose new entry is larger than all of it", async () => {
    const all = await fixture();
    const one = await fileSize(all);
    const keeper = await all.open({ mostBytes: one * 2 });
    await keeper.save(sized(all, "a"));
    await keeper.save(sized(all, "b"));
    await keeper.save(entry(all.clock, "a", "x".repeat(one * 3)));
    expect(keeper.stats()).toMatchObject({ entries: 1, bytes: one, failed: 1, evicted: 0 });
    expect(Object.keys(await reload(all))).toEqual(["b"]);
  });

  it("goes on in a directory that was emptied", async () => {
    const all = await fixture();
    const keeper = await all.open();
    await keeper.save(entry(all.clock, "a", "1"));
    for (const name of await all.files("")) await rm(all.path(name));
    await keeper.save(entry(all.clock, "b", "2"));
    expect(keeper.stats()).toMatchObject({ saved: 2, disabled: undefined });
    expect(await reload(all)).toEqual({ b: "2" });
  });

  it("does not remove records for entries", async () => {
    const all = await fixture();
    const one = await fileSize(all);
    const keeper = await all.open({ mostBytes: one });
    await keeper.saveRecord("keys", Buffer.from("text"));
    for (const key of ["a", "b"]) await keeper.save(sized(all, key));
    expect(await keeper.loadRecord("keys")).toBeDefined();
  });
});
