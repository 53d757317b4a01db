import { afterEach, describe, expect, it } from "vitest";
import { createLogger } from "../../src/log.ts";
import { guardProcess, type ProcessGuard } from "../../src/server/process-guard.ts";

let guarding: ProcessGuard | undefined;

afterEach(() => guarding?.release());

/** Sends the events that Node sends, to the guard's own listeners alone. */
function guard(now: () => number) {
  const lines: string[] = [];
  let gaveUp = 0;
  const before = new Set(process.listeners("uncaughtException"));
  guarding = guardProcess(
    createLogger("info", { write: (line) => lines.push(line) }),
    () => {
      gaveUp += 1;
    },
    now,
  );
  const listener = process.listeners("uncaughtException").find((found) => !before.has(found));
  return {
    lines,
    gaveUp: () => gaveUp,
    throws: (error: unknown) => listener?.(error as Error, "uncaughtException"),
  };
}

describe("process guard", () => {
  it("logs kind and frames of an escaped error, never its message", () => {
    const { lines, throws } = guard(() => 0);
    throws(new TypeError("the password is hunter2"));
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      level: "error",
      msg: "uncaught error survived",
      error: "TypeError",
      uncaughtErrors: 1,
    });
    expect(lines[0]).toContain("process-guard.test.ts");
    expect(lines[0]).not.toContain("hunter2");
  });

  it("gives up at the third within ten minutes, once", () => {
    let now = 0;
    const { gaveUp, throws } = guard(() => now);
    throws(new Error("1"));
    throws("2");
    expect(gaveUp()).toBe(0);
    now = 9 * 60_000;
    throws(undefined);
    expect(gaveUp()).toBe(1);
    throws(new Error("4"));
    expect([gaveUp(), guarding?.survived]).toEqual([1, 4]);
  });

  it("forgets what is longer ago", () => {
    let now = 0;
    const { gaveUp, throws } = guard(() => now);
    for (let count = 0; count < 5; count += 1) {
      throws(new Error());
      now += 6 * 60_000;
    }
    expect(gaveUp()).toBe(0);
  });
});
