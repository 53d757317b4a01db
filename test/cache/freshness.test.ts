import { describe, expect, it } from "vitest";
import { type Bounds, boundsAt, type EntryParts, isFresh, isServable, makeEntry } from "../../src/cache/freshness.ts";
import { defaultBounds, hour, minute } from "./cache-fixture.ts";
import { entryOf, someAbout } from "./entry-of.ts";
import { loaded } from "./fake-loads.ts";

const now = 10 * hour;
const wall = Date.UTC(2026, 0, 1);

function made(more: Partial<EntryParts<string>> = {}) {
  return makeEntry({
    ...{ key: "key", about: someAbout, loaded: loaded("v2"), bounds: defaultBounds, now, wall },
    ...{ jitter: 0.5, same: (a: string, b: string) => a === b, before: undefined },
    ...more,
  });
}

describe("an entry", () => {
  const fresh: readonly { what: string; parts: Partial<EntryParts<string>>; lasts: number }[] = [
    { what: "of any answer", parts: {}, lasts: 2 * minute },
    { what: "with the least jitter", parts: { jitter: 0 }, lasts: 1.8 * minute },
    { what: "with the most jitter", parts: { jitter: 1 }, lasts: 2.2 * minute },
    { what: "that is never fresh", parts: { bounds: { ...defaultBounds, refresh: 0 }, jitter: 1 }, lasts: 0 },
    { what: "that cannot change", parts: { loaded: loaded("v2", { immutable: true }) }, lasts: hour },
    {
      what: "that cannot change and is refreshed rarely",
      parts: { loaded: loaded("v2", { immutable: true }), bounds: { ...defaultBounds, refresh: 2 * hour } },
      lasts: 2 * hour,
    },
    {
      what: "that is issued",
      parts: { loaded: loaded("v2", { issued: true, expiresAt: wall + 3 * hour }), jitter: 0 },
      lasts: 2 * hour,
    },
    {
      what: "that is issued, with the most jitter",
      parts: { loaded: loaded("v2", { issued: true, expiresAt: wall + 3 * hour }), jitter: 1 },
      lasts: 1.8 * hour,
    },
    { what: "that is issued without an end", parts: { loaded: loaded("v2", { issued: true }) }, lasts: 2 * minute },
  ];
  it.each(fresh)("$what is fresh for $lasts ms", ({ parts, lasts }) => {
    expect(made(parts).freshUntil - now).toBeCloseTo(lasts, 3);
  });

  it("has its end on the clock that never steps", () => {
    expect(made({ loaded: loaded("v2", { expiresAt: wall + hour }) }).expiresAt).toBe(now + hour);
  });

  const before = entryOf("key", { value: "v1", fetchedWall: wall - minute });
  const holds: readonly { what: string; parts: Partial<EntryParts<string>>; held: object | undefined }[] = [
    { what: "where nothing is spread", parts: { before }, held: undefined },
    { what: "the first time", parts: { bounds: { ...defaultBounds, spread: hour } }, held: undefined },
    {
      what: "when a value changes",
      parts: { before, bounds: { ...defaultBounds, spread: hour } },
      held: { value: "v1", fetchedAt: 0, since: now, until: now + hour },
    },
    {
      what: "when it does not change",
      parts: { before: entryOf("key", { value: "v2" }), bounds: { ...defaultBounds, spread: hour } },
      held: undefined,
    },
    {
      what: "while one is held already",
      parts: {
        before: { ...before, held: { value: "v0", fetchedAt: -1, since: now - 1, until: now + 1 } },
        bounds: { ...defaultBounds, spread: hour },
      },
      held: { value: "v0", fetchedAt: -1, since: now - 1, until: now + 1 },
    },
    {
      what: "when the older value ends sooner",
      parts: { before: { ...before, expiresAt: now + 5 }, bounds: { ...defaultBounds, spread: hour } },
      held: { value: "v1", fetchedAt: 0, since: now, until: now + 5 },
    },
    {
      what: "when notBefore asks for newer",
      parts: { before, bounds: { ...defaultBounds, spread: hour, notBefore: wall - 1 } },
      held: undefined,
    },
    {
      what: "when it is issued",
      parts: { before, loaded: loaded("v2", { issued: true }), bounds: { ...defaultBounds, spread: hour } },
      held: undefined,
    },
  ];
  it.each(holds)("$what holds back: $held", ({ parts, held }) => {
    expect(made(parts).held).toEqual(held);
  });
});

describe("an entry of an hour", () => {
  const old = { fetchedAt: now - hour, freshUntil: now - hour + 2 * minute, fetchedWall: wall - hour };
  const cases: readonly { entry: object; bounds: Partial<Bounds>; fresh: boolean; servable: boolean }[] = [
    { entry: {}, bounds: {}, fresh: false, servable: true },
    { entry: {}, bounds: { maxStale: 0 }, fresh: false, servable: false },
    { entry: {}, bounds: { maxStale: hour }, fresh: false, servable: false },
    { entry: {}, bounds: { maxStale: hour + 1 }, fresh: false, servable: true },
    { entry: { expiresAt: now }, bounds: {}, fresh: false, servable: false },
    { entry: { expiresAt: now + 1 }, bounds: {}, fresh: false, servable: true },
    { entry: { freshUntil: now + 1 }, bounds: { maxStale: 0 }, fresh: false, servable: false },
    { entry: { freshUntil: now + 1 }, bounds: { refresh: hour, maxStale: 0 }, fresh: true, servable: true },
    { entry: { freshUntil: now }, bounds: { refresh: hour, maxStale: 0 }, fresh: false, servable: false },
    { entry: { freshUntil: now + 1, immutable: true }, bounds: { maxStale: 0 }, fresh: true, servable: true },
    { entry: { freshUntil: now + 1, issued: true }, bounds: { refresh: 0 }, fresh: true, servable: true },
    {
      entry: { freshUntil: now + 1, issued: true },
      bounds: { notBefore: wall, maxStale: 0 },
      fresh: false,
      servable: false,
    },
    { entry: { freshUntil: now + 1, issued: true, expiresAt: now }, bounds: {}, fresh: true, servable: false },
  ];
  it.each(cases)("$entry with $bounds is fresh: $fresh, servable: $servable", ({ entry, bounds, fresh, servable }) => {
    const aged = entryOf("key", { ...old, ...entry });
    const whole = { ...defaultBounds, ...bounds };
    expect([isFresh(aged, whole, now), isServable(aged, whole, now)]).toEqual([fresh, servable]);
  });
});

describe("a notBefore", () => {
  it.each([
    { notBefore: wall + 1, counts: undefined },
    { notBefore: wall, counts: wall },
    { notBefore: undefined, counts: undefined },
  ])("of $notBefore counts as $counts", ({ notBefore, counts }) => {
    expect(boundsAt({ ...defaultBounds, notBefore }, wall).notBefore).toBe(counts);
  });
});
