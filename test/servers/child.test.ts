import { describe, expect, test } from "vitest";
import { startChild } from "./child.ts";

const node = (script: string) => ({ name: "the program", command: process.execPath, args: ["-e", script] });

describe("a child process", () => {
  test("is ready when its output says so, and gone after stop", async () => {
    const program = node('console.log("listening on 4711"); setInterval(() => {}, 1000)');
    const child = await startChild({ ...program, ready: /on (\d+)/ });
    expect(child.ready[1]).toBe("4711");
    expect(child.output()).toBe("listening on 4711\n");
    await child.stop();
    await child.stop();
    expect(() => process.kill(child.pid, 0)).toThrow("ESRCH");
  });

  test("that ends before it is ready fails with what it wrote", async () => {
    const start = startChild({ ...node('console.error("bad flag"); process.exit(3)'), ready: /never/ });
    await expect(start).rejects.toThrow("the program ended before it was ready (exit 3)\nbad flag");
  });

  test("that is never ready is ended", async () => {
    const start = startChild({ ...node("setInterval(() => {}, 1000)"), ready: /never/, startTimeoutMs: 100 });
    await expect(start).rejects.toThrow("the program was not ready after 100 ms");
  });

  test("that does not exist fails with its name", async () => {
    const start = startChild({ name: "the program", command: "/no/such/program", args: [], ready: /x/ });
    await expect(start).rejects.toThrow("the program cannot be started: spawn /no/such/program ENOENT");
  });
});
