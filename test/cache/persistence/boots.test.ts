import { describe, expect, it } from "vitest";
import type { Entry } from "../../../src/cache/entries.ts";
import { entry, type Fixture, fixture, hour, minute, reload } from "./fixture.ts";

/** An entry on a disk of the boot before, fetched at the clock's first moment. */
async function onDisk(
  changes: Partial<Entry<string>> = {},
): Promise<{ readonly all: Fixture; readonly from: Entry<string> }> {
  const all = await fixture({ allowDisk: true });
  const keeper = await all.open();
  await keeper.load();
  const from = entry(all.clock, "a", "1", changes);
  await keeper.save(from);
  await keeper.close();
  return { all, from };
}

/** The machine starts again: its monotonic clock begins anew, so many milliseconds of wall time later. */
function boot({ clock }: Fixture, wallLater: number): { readonly bootId: string } {
  clock.monotonic = minute;
  clock.epoch += wallLater;
  return { bootId: "boot-2" };
}

describe("on a disk", () => {
  it("an entry of the boot before has the age of the wall clock, in this boot's time", async () => {
    const { all, from } = await onDisk({
      expiresAt: 5 * hour + 3 * hour,
      held: { value: "0", fetchedAt: 5 * hour - 2 * minute, since: 5 * hour - minute, until: 5 * hour + 30 * minute },
    });
    const keeper = await all.open(boot(all, 2 * hour));
    const start = minute - 2 * hour;
    expect(await keeper.load()).toEqual([
      {
        ...from,
        fetchedAt: start,
        freshUntil: start + 2 * minute,
        expiresAt: start + 3 * hour,
        held: { value: "0", fetchedAt: start - 2 * minute, since: start - minute, until: start + 30 * minute },
      },
    ]);
  });

  it("an entry that expired while the machine was down is dropped", async () => {
    const { all } = await onDisk({ expiresAt: 5 * hour + 3 * hour });
    const keeper = await all.open(boot(all, 3 * hour));
    expect(await keeper.load()).toEqual([]);
    expect(keeper.stats().flawed).toEqual(new Map([["expired", 1]]));
  });

  it("an entry of the same boot has the age of the monotonic clock, wherever the wall clock stands", async () => {
    const { all, from } = await onDisk();
    all.clock.monotonic += hour;
    all.clock.epoch -= 24 * hour;
    expect(await (await all.open()).load()).toEqual([from]);
  });

  it("a wall clock within a minute is believed, and never makes an entry younger", async () => {
    const { all, from } = await onDisk();
    const keeper = await all.open(boot(all, -minute));
    expect(await keeper.load()).toMatchObject([{ key: "a", fetchedAt: minute, freshUntil: 3 * minute }]);
    expect(from.fetchedAt).toBe(5 * hour);
  });

  it.each([minute + 1, 24 * hour])(
    "a wall clock that stepped back by more drops what other boots left",
    async (step) => {
      const { all } = await onDisk();
      const later = boot(all, -step);
      const keeper = await all.open(later);
      expect(await keeper.load()).toEqual([]);
      // The entry and the clock's mark.
      expect(keeper.stats().flawed).toEqual(new Map([["future", 2]]));
      await keeper.save(entry(all.clock, "b", "2"));
      expect(await reload(all, later)).toEqual({ b: "2" });
      // From there on the clock is believed again.
      expect(await reload(all, { bootId: `${boot(all, hour).bootId}+` })).toEqual({ b: "2" });
    },
  );

  it("a wall clock that stepped back before the boot is not believed either", async () => {
    const { all } = await onDisk();
    all.clock.pass(10 * hour);
    const keeper = await all.open();
    await keeper.load(); // writes the mark
    all.clock.epoch -= 9 * hour;
    await keeper.close(); // writes the mark again
    expect(await reload(all, boot(all, hour))).toEqual({});
  });

  it("a wall clock that is behind the latest it was ever seen drops what other boots left, even older", async () => {
    const { all } = await onDisk();
    all.clock.pass(10 * hour);
    const keeper = await all.open();
    await keeper.load(); // writes the mark
    await keeper.close();
    expect(await reload(all, boot(all, -hour))).toEqual({});
  });

  it("an entry whose fetching lies in the future is dropped alone", async () => {
    const { all, from } = await onDisk();
    const keeper = await all.open();
    await keeper.load();
    await keeper.save({ ...from, key: "b", fetchedWall: from.fetchedWall + 3 * hour });
    await keeper.close();
    expect(await reload(all, boot(all, hour))).toEqual({ a: "1" });
  });

  it("the older of two ages is believed where the wall clock was set back between fetching and saving", async () => {
    const { all, from } = await onDisk();
    const keeper = await all.open();
    await keeper.load();
    await keeper.save({ ...from, key: "b", fetchedAt: from.fetchedAt - 4 * hour });
    await keeper.close();
    const loaded = await (await all.open(boot(all, hour))).load();
    const ages = Object.fromEntries(loaded.map(({ key, fetchedAt }) => [key, all.clock.now() - fetchedAt]));
    expect(ages).toEqual({ a: hour, b: 5 * hour });
  });

  it("an outage of the machine counts from the last sign of life", async () => {
    const { all } = await onDisk();
    const keeper = await all.open();
    await keeper.load();
    // The wall clock lags behind while the machine runs: two hours pass, it shows one.
    all.clock.monotonic += 2 * hour;
    all.clock.epoch += hour;
    await keeper.close();
    const [loaded] = await (await all.open(boot(all, hour))).load();
    expect(all.clock.now() - (loaded?.fetchedAt ?? 0)).toBe(3 * hour);
  });

  it("records outlive a boot", async () => {
    const all = await fixture({ allowDisk: true });
    const keeper = await all.open();
    await keeper.load();
    await keeper.saveRecord("keys", Buffer.from("text"));
    await keeper.close();
    const next = await all.open(boot(all, hour));
    await next.load();
    expect(Buffer.from((await next.loadRecord("keys")) ?? []).toString()).toBe("text");
  });
});

describe("on a tmpfs", () => {
  it("records of another boot are dropped", async () => {
    const all = await fixture();
    const keeper = await all.open();
    await keeper.saveRecord("keys", Buffer.from("text"));
    await keeper.close();
    expect(await (await all.open({ bootId: "boot-2" })).loadRecord("keys")).toBeUndefined();
    expect(await all.files(".record")).toEqual([]);
  });
});
