import { truncate } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import fc from "../../property.ts";
import { scaled } from "../../scale.ts";
import { bytesOnFile, entry, fileSize, fixture, reload, sized } from "./fixture.ts";

const { array, asyncProperty, boolean, assert: check, constantFrom, record } = fc;

describe("what is asked for one key at once", () => {
  it.each([
    ["save save", { a: "1" }],
    ["save drop", {}],
    ["drop save", { a: "1" }],
    ["save drop save", { a: "2" }],
    ["save save drop", {}],
    ["drop drop save save save drop save", { a: "6" }],
  ])("ends as the last of it says: %s", async (steps, expected) => {
    const all = await fixture();
    const keeper = await all.open();
    await keeper.save(entry(all.clock, "a", "before"));
    await Promise.all(
      steps
        .split(" ")
        .map((step, index) => (step === "save" ? keeper.save(entry(all.clock, "a", String(index))) : keeper.drop("a"))),
    );
    expect(await reload(all)).toEqual(expected);
  });

  it("ends as the last of it says, whatever the order and the pauses", async () => {
    const all = await fixture();
    const keeper = await all.open();
    const step = record({ key: constantFrom("a", "b", "c"), save: boolean(), wait: boolean() });
    let version = 0;
    await check(
      asyncProperty(array(step, { maxLength: 24 }), async (steps) => {
        const expected = new Map<string, string>();
        const asked: Promise<void>[] = ["a", "b", "c"].map((key) => keeper.drop(key));
        for (const { key, save, wait } of steps) {
          version += 1;
          asked.push(save ? keeper.save(entry(all.clock, key, `${key}${version}`)) : keeper.drop(key));
          if (save) expected.set(key, `${key}${version}`);
          else expected.delete(key);
          if (wait) await asked.at(-1);
        }
        await Promise.all(asked);
        const found = await keeper.load();
        expect(new Map(found.map(({ key, value }) => [key, value]))).toEqual(expected);
      }),
      { numRuns: scaled(300) },
    );
    expect(keeper.stats()).toMatchObject({ failed: 0, flawed: new Map() });
  });

  it("is dropped even while its save makes room for itself", async () => {
    const all = await fixture();
    const one = await fileSize(all);
    const keeper = await all.open({ mostBytes: one });
    for (let turns = 0; turns < 60; turns += 1) {
      await keeper.save(sized(all, "b"));
      const save = keeper.save(sized(all, "a"));
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      await Promise.all([save, keeper.drop("a")]);
      expect({ turns, keys: (await keeper.load()).map(({ key }) => key) }).not.toMatchObject({ keys: ["a"] });
    }
  });

  it("is kept or evicted as a whole within a tight bound, and counted right", async () => {
    const all = await fixture();
    const one = await fileSize(all);
    const keeper = await all.open({ mostBytes: one * 3 });
    const step = record({ key: constantFrom(..."abcde"), save: boolean(), times: constantFrom(1, 4), wait: boolean() });
    await check(
      asyncProperty(array(step, { maxLength: 24 }), async (steps) => {
        const asked: Promise<void>[] = [];
        for (const { key, save, times, wait } of steps) {
          asked.push(save ? keeper.save(sized(all, key, times)) : keeper.drop(key));
          if (wait) await asked.at(-1);
        }
        await Promise.all(asked);
        const { entries, bytes } = keeper.stats();
        expect({ files: (await all.files("")).length, bytes: await bytesOnFile(all) }).toEqual({
          files: entries + 1,
          bytes,
        });
        expect(bytes).toBeLessThanOrEqual(one * 3);
      }),
      { numRuns: scaled(300) },
    );
    expect(keeper.stats()).toMatchObject({ failed: 0 });
  });

  it("is written once where it was saved many times", async () => {
    const all = await fixture();
    const keeper = await all.open();
    await Promise.all(Array.from({ length: 100 }, (_, index) => keeper.save(entry(all.clock, "a", `${index}`))));
    expect(keeper.stats()).toMatchObject({ saved: 1, entries: 1 });
    expect(await reload(all)).toEqual({ a: "99" });
  });

  it("is dropped without waiting for the saves of others", async () => {
    const all = await fixture();
    const keeper = await all.open();
    const keys = Array.from({ length: 2_000 }, (_, index) => `key-${index}`);
    const saves = Promise.all(keys.map((key) => keeper.save(entry(all.clock, key, key))));
    await keeper.drop("key-1999");
    expect(keeper.stats().saved).toBeLessThan(100);
    await saves;
    expect(keeper.stats()).toMatchObject({ saved: 1_999, entries: 1_999, failed: 0 });
    expect(Object.keys(await reload(all))).not.toContain("key-1999");
  });

  it("is gone from the directory when the drop settles", async () => {
    const all = await fixture();
    const keeper = await all.open();
    for (let time = 0; time < 50; time += 1) {
      const save = keeper.save(entry(all.clock, "a", `${time}`));
      if (time % 2 === 0) await save;
      await keeper.drop("a");
      expect(await all.files("")).toEqual(["owner"]);
      await save;
      expect(await all.files("")).toEqual(["owner"]);
    }
  });

  it("is done as well while the directory is read", async () => {
    const all = await fixture();
    const keeper = await all.open();
    const keys = Array.from({ length: 300 }, (_, index) => `key-${index}`);
    const saves = Promise.all(keys.map((key) => keeper.save(entry(all.clock, key, key))));
    while (keeper.stats().saved < keys.length) await keeper.load();
    await saves;
    expect(keeper.stats()).toMatchObject({ entries: 300, saved: 300, failed: 0, flawed: new Map() });
  });

  it("counts for more than what is being read at the start", async () => {
    const all = await fixture();
    const before = await all.open();
    await before.save(entry(all.clock, "torn", "old"));
    const [torn = ""] = await all.files();
    await truncate(all.path(torn), 40);
    for (const key of ["a", "b", "c"]) await before.save(entry(all.clock, key, "old"));
    await before.close();
    const keeper = await all.open();
    const loading = keeper.load();
    const saves = ["b", "torn", "d"].map((key) => keeper.save(entry(all.clock, key, "new")));
    await Promise.all([keeper.drop("a"), ...saves]);
    expect((await loading).map(({ key, value }) => [key, value])).toEqual([["c", "old"]]);
    expect(keeper.stats()).toMatchObject({ failed: 0, entries: 4 });
    expect(await reload(all)).toEqual({ b: "new", torn: "new", d: "new", c: "old" });
  });
});
