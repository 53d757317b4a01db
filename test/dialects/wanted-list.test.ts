import { describe, expect, it } from "vitest";
import { WantedList } from "../../src/plan/wanted-list.ts";

describe("WantedList", () => {
  it("takes sources for equal whatever the order of their fields and whatever is undefined", () => {
    const wanted = new WantedList();
    const ids = [
      wanted.add("a", { store: "vault", settings: { x: 1, y: { p: 1, q: [2] } }, ref: { path: "p", query: "" } }),
      wanted.add("b", { store: "vault", settings: { y: { q: [2], p: 1 }, x: 1 }, ref: { query: "", path: "p" } }),
      wanted.add("c", {
        store: "vault",
        settings: { x: 1, y: { p: 1, q: [2] }, z: undefined },
        ref: { path: "p", query: "" },
      }),
    ];
    expect(ids).toEqual(["secret-0", "secret-0", "secret-0"]);
    expect(wanted.secrets.map(({ subject }) => subject)).toEqual(["a, b, c"]);
  });

  it("keeps apart what differs in store, settings or ref, also in type and order of lists", () => {
    const wanted = new WantedList();
    const ids = [
      wanted.add("a", { store: "vault", settings: { x: 1 }, ref: "r" }),
      wanted.add("b", { store: "file", settings: { x: 1 }, ref: "r" }),
      wanted.add("c", { store: "vault", settings: { x: "1" }, ref: "r" }),
      wanted.add("d", { store: "vault", settings: { x: 1 }, ref: ["r"] }),
      wanted.add("e", { store: "vault", settings: { x: 1 }, ref: ["r", "s"] }),
      wanted.add("f", { store: "vault", settings: { x: 1 }, ref: ["s", "r"] }),
      wanted.add("g", { store: "vault", settings: { x: 1 }, ref: { r: "s" } }),
    ];
    expect(new Set(ids).size).toBe(7);
  });

  it("keeps apart what differs in where it lies besides, and in when it is asked for there", () => {
    const wanted = new WantedList();
    const source = { store: "vault", settings: {}, ref: "r" } as const;
    const next = { sources: [source], stale: "beforeNext", tryNext: () => true } as const;
    const other = { ...source, ref: "s" } as const;
    const ids = [
      wanted.add("a", source),
      wanted.add("b", source, { next }),
      wanted.add("c", source, { next: { ...next, sources: [other] } }),
      wanted.add("d", source, { next: { ...next, sources: [source, other] } }),
      wanted.add("e", source, { next: { ...next, stale: "afterNext" } }),
      wanted.add("f", source, { next: { ...next, stale: "afterNext", hedgeMs: 1 } }),
      wanted.add("g", source, { next: { ...next, sources: [{ ...source, settings: {} }] } }),
    ];
    expect([new Set(ids).size, ids.at(-1)]).toEqual([6, "secret-1"]);
  });

  it("names the first three of many", () => {
    const wanted = new WantedList();
    for (const subject of ["a", "b", "c", "d", "e"]) wanted.add(subject, { store: "file", settings: {}, ref: {} });
    expect(wanted.secrets[0]?.subject).toBe("a, b, c and 2 more");
  });
});
