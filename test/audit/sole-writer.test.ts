import { readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { becomeSoleWriter } from "../../src/audit/sole-writer.ts";
import { startChild } from "../servers/child.ts";
import { place } from "./fixture.ts";

const module = join(import.meta.dirname, "../../src/audit/sole-writer.ts");

/** A process that holds a file. */
async function startHolder(path: string) {
  const script = `import { becomeSoleWriter } from "${module}";
await becomeSoleWriter("${path}"); console.log("held"); setInterval(() => {}, 1e6);`;
  return await startChild({
    name: "writer",
    command: process.execPath,
    args: ["--input-type=module", "-e", script],
    ready: /held/,
  });
}

/** Tries until the file is free: a socket that is nobody's has to be a moment old to be told from one that is just made. */
async function becomeSoleWriterSoon(path: string) {
  for (;;) {
    const held = await becomeSoleWriter(path).catch((error: NodeJS.ErrnoException) => error.code);
    if (typeof held === "object") return held;
    expect(held).toBe("EBUSY");
    await sleep(20);
  }
}

describe("the sole writer of a file", () => {
  it("is one process, until it lets go", async () => {
    const { path } = await place();
    const first = await becomeSoleWriter(path);
    await expect(becomeSoleWriter(path)).rejects.toMatchObject({ code: "EBUSY" });
    await (await becomeSoleWriter(`${path}.other`)).release();
    await first.release();
    const second = await becomeSoleWriter(path);
    await expect(becomeSoleWriter(path)).rejects.toMatchObject({ code: "EBUSY" });
    await second.release();
    expect(await readdir(dirname(path))).toEqual([]);
  });

  it("is followed by the next one, however it ended", async () => {
    const { path } = await place();
    const child = await startHolder(path);
    await expect(becomeSoleWriter(path)).rejects.toMatchObject({ code: "EBUSY" });
    process.kill(child.pid, "SIGKILL");
    await child.stop();
    await (await becomeSoleWriterSoon(path)).release();
    expect(await readdir(dirname(path))).toEqual([]);
  });

  it("is at most one of many that come at the same time", async () => {
    const { path } = await place();
    for (let round = 0; round < 50; round += 1) {
      const all = await Promise.allSettled(Array.from({ length: 6 }, () => becomeSoleWriter(path)));
      const held = all.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
      expect(held.length).toBeLessThanOrEqual(1);
      await Promise.all(held.map((each) => each.release()));
    }
  });

  it("is told also where the file is named for a node of a long name", async () => {
    const { path } = await place();
    const [one, other] = ["1", "2"].map((end) => `${path}.${"n".repeat(200)}${end}`);
    const first = await becomeSoleWriter(one ?? "");
    await expect(becomeSoleWriter(one ?? "")).rejects.toMatchObject({ code: "EBUSY" });
    await (await becomeSoleWriter(other ?? "")).release();
    await first.release();
  });

  it("cannot be told where the directory's name is too long, or nothing can be made; a file of such a name is nobody's", async () => {
    const { path } = await place();
    await expect(becomeSoleWriter(join(path, "x".repeat(100), "a"))).rejects.toMatchObject({ code: "ENAMETOOLONG" });
    await expect(becomeSoleWriter("/nowhere/audit.log")).rejects.toMatchObject({ code: "EACCES" });
    await writeFile(join(dirname(path), ".audit.log.x.lock"), "");
    await (await becomeSoleWriter(path)).release();
  });
});
