import { rm } from "node:fs/promises";
import { describe, expect, it } from "vitest";
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
