import { describe, expect, it } from "vitest";
import { Flights } from "../../src/async/flights.ts";
import { settle } from "../cache/virtual-time.ts";

describe("flights", () => {
  it("of one key are one while it is under way", async () => {
    const flights = new Flights<string>();
    const { promise, resolve } = Promise.withResolvers<string>();
    let starts = 0;
    const start = () => {
      starts += 1;
      return promise;
    };
    const all = ["a", "a", "a", "b"].map((key) => flights.join(key, start));
    expect([starts, flights.size]).toEqual([2, 2]);
    resolve("end");
    expect(await Promise.all(all)).toEqual(["end", "end", "end", "end"]);
  });

  it("are forgotten when they are over, however they end", async () => {
    const flights = new Flights<string>();
    await flights.join("a", async () => "good");
    await expect(flights.join("b", () => Promise.reject(new Error("bad")))).rejects.toThrow("bad");
    expect(flights.size).toBe(0);
    expect(await flights.join("b", async () => "next")).toBe("next");
  });

  it("that are to be forgotten end for those who wait, and are not joined any more", async () => {
    const flights = new Flights<string>();
    const [old, next] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
    const waiting = flights.join("a", () => old.promise);
    flights.forget("a");
    const later = flights.join("a", () => next.promise);
    old.resolve("old");
    expect([await waiting, flights.size]).toEqual(["old", 1]);
    next.resolve("next");
    expect([await later, flights.size]).toEqual(["next", 0]);
  });

  it("that nobody waits for any more may fail", async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.on("unhandledRejection", note);
    try {
      void new Flights<string>().join("a", () => Promise.reject(new Error("bad")));
      await settle();
      await settle();
      expect(unhandled).toEqual([]);
    } finally {
      process.off("unhandledRejection", note);
    }
  });
});
