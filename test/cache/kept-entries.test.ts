import { describe, expect, it } from "vitest";
import { KeptEntries } from "../../src/cache/kept-entries.ts";
import { MemoryKeeper } from "./cache-fixture.ts";
import { entryOf } from "./entry-of.ts";

/** Entries that are kept, with what a keeper has of them. */
async function kept(...entries: readonly ReturnType<typeof entryOf>[]) {
  const keeper = new MemoryKeeper();
  const all = new KeptEntries<string>({ mostBytes: 100, keeper, dropFailed: () => expect.unreachable() });
  for (const entry of entries) await all.keep(entry, entry.key);
  return { all, keeper };
}

describe("entries that are kept", () => {
  const lease = entryOf("lease", { issued: true, expiresAt: 5 });

  it("stay when they are expired, also beside issued ones whose end has come", async () => {
    const { all, keeper } = await kept(entryOf("a"), lease);
    expect(all.expire(() => true, 10_000)).toBe(2);
    const times = all.which(() => true).map(({ key, freshUntil }) => [key, freshUntil]);
    expect(times).toEqual([
      ["a", 10_000],
      ["lease", 10_000],
    ]);
    await all.keep(entryOf("b", { fetchedAt: 10_000 }), "b");
    expect([...keeper.kept.keys()]).toEqual(["a", "b"]);
  });

  it("get another life wherever they are kept", async () => {
    const { all, keeper } = await kept(lease);
    expect(await all.prolong("lease", "shop", { freshUntil: 7, expiresAt: 9 })).toBe(true);
    for (const entry of [all.get("lease", "shop"), keeper.kept.get("lease")]) {
      expect([entry?.freshUntil, entry?.expiresAt, entry?.value]).toEqual([7, 9, "value of lease"]);
    }
  });

  it("get no other life once they are gone", async () => {
    const { all, keeper } = await kept(lease);
    await all.remove([lease]);
    expect(await all.prolong("lease", "shop", { freshUntil: 7, expiresAt: 9 })).toBe(false);
    expect([all.figures.entries, keeper.kept.size]).toEqual([0, 0]);
  });
});
