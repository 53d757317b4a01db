import { execFile } from "node:child_process";
import { appendFile, type FileHandle, mkdir, open, rename, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { AuditLog, type AuditTarget } from "../../src/audit/audit-log.ts";
import { createLogger } from "../../src/log.ts";
import { entry, key, place, reportOf } from "./fixture.ts";

const run = promisify(execFile);

/** Keeps lines in memory and fails when it is told to. */
class MemoryTarget implements AuditTarget {
  readonly appended: string[] = [];
  full = false;
  lastLine = async () => "";
  close = async () => undefined;
  async append(lines: Buffer): Promise<void> {
    await Promise.resolve();
    if (this.full) throw Object.assign(new Error("no space"), { code: "ENOSPC" });
    this.appended.push(lines.toString());
  }
  get lines(): readonly string[] {
    return this.appended.join("").split("\n").slice(0, -1);
  }
}

/** A file on a disk that, when it is full, takes half a line and then nothing, not even a cut. */
function onDisk(file: FileHandle, disk: { readonly full: boolean }): FileHandle {
  const failing = {
    write: async (bytes: Buffer) => {
      await file.write(bytes.subarray(0, 10));
      throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
    },
    truncate: () => Promise.reject(Object.assign(new Error("EIO"), { code: "EIO" })),
  };
  return new Proxy(file, {
    get(target, name) {
      if (disk.full && Object.hasOwn(failing, name)) return Reflect.get(failing, name);
      const value = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

const shares = { take: (_: string, wanted: number) => wanted };
const rules = { key, log: createLogger("off"), shares };

describe("writing", () => {
  it("puts what comes together into one write, in the order in which it came", async () => {
    const target = new MemoryTarget();
    const log = await AuditLog.open(target, rules);
    await Promise.all(Array.from({ length: 100 }, (_, at) => log.write(entry(at))));
    expect(target.appended.length).toBeLessThan(4);
    expect(target.lines.map((line) => JSON.parse(line).pod.name)).toEqual(
      Array.from({ length: 100 }, (_, at) => `web-${at}`),
    );
    expect(reportOf(target.lines, log.head === undefined ? [] : [log.head]).findings).toEqual([]);
  });

  it("fails for everybody whose line could not be written, and goes on without a gap", async () => {
    const target = new MemoryTarget();
    const log = await AuditLog.open(target, rules);
    await log.write(entry(0));
    target.full = true;
    const failed = await Promise.allSettled([log.write(entry(1)), log.write(entry(2))]);
    expect(failed.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    target.full = false;
    await log.write(entry(3));
    expect(target.lines.map((line) => JSON.parse(line).pod.name)).toEqual(["web-0", "web-3"]);
    expect(reportOf(target.lines).findings).toEqual([]);
  });
});

describe("a target that does not answer", () => {
  it("is waited for by so many lines and no more", async () => {
    const target = new MemoryTarget();
    const { promise: never, resolve } = Promise.withResolvers<void>();
    target.append = async () => await never;
    const log = await AuditLog.open(target, rules);
    const lines = Array.from({ length: 10_101 }, (_, at) => log.write(entry(at)).then(() => "ok", String));
    expect(await lines.at(-1)).toContain("too many audit lines are waiting");
    resolve();
    expect((await Promise.all(lines)).filter((each) => each === "ok").length).toBeGreaterThanOrEqual(10_000);
  });
});

describe("an audit file", () => {
  it("is its owner's alone, and goes on where the process before ended", async () => {
    const { path, start, lines } = await place();
    for (const at of [0, 1]) {
      const log = await start();
      await log.write(entry(at));
      await log.close();
    }
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(reportOf(await lines())).toMatchObject({ lines: 2, findings: [] });
  });

  it("loses what a process left behind within a line, and says so", async () => {
    const { path, start, lines, messages } = await place();
    const first = await start();
    await first.write(entry(0));
    await first.close();
    await appendFile(path, '{"audit":1,"boot":"half');
    const log = await start();
    await log.write(entry(1));
    expect(reportOf(await lines())).toMatchObject({ lines: 2, findings: [] });
    expect(messages.join()).toContain("ended in the middle of a line");
  });

  it("is set aside when it is full, and so many are kept", async () => {
    const { path, start, lines } = await place();
    const log = await start({ mostBytes: 2_000, keep: 2 });
    for (let at = 0; at < 30; at++) await log.write(entry(at));
    const [oldest, newer, newest] = [await lines(`${path}.2`), await lines(`${path}.1`), await lines()];
    for (const name of [path, `${path}.1`, `${path}.2`]) expect((await stat(name)).size).toBeLessThanOrEqual(2_000);
    await expect(stat(`${path}.3`)).rejects.toThrow("ENOENT");
    const heads = log.head === undefined ? [] : [log.head];
    const kept = [...oldest, ...newer, ...newest];
    expect(reportOf(kept, heads).findings).toEqual([
      { file: "file", line: 1, what: expect.stringContaining("give the last head before them with --after") },
    ]);
    const { boot, seq, prev } = JSON.parse(oldest[0] ?? "");
    expect(reportOf(kept, heads, { after: { boot, seq: seq - 1, mac: prev } }).findings).toEqual([]);
    expect(JSON.parse(newest.at(-1) ?? "").pod.name).toBe("web-29");
  });

  it("is made again where another program has moved it, and goes on where one has emptied it", async () => {
    const { path, start, lines } = await place();
    const log = await start();
    await log.write(entry(0));
    await rename(path, `${path}.moved`);
    await log.write(entry(1));
    expect([(await lines(`${path}.moved`)).length, (await lines()).length]).toEqual([1, 1]);
    expect(reportOf([...(await lines(`${path}.moved`)), ...(await lines())]).findings).toEqual([]);
    await truncate(path, 0);
    await log.write(entry(2));
    expect((await lines()).length).toBe(1);
  });

  it("goes on behind the last line of the file set aside, where the process ended before it wrote into the new one", async () => {
    const { path, start, lines } = await place();
    const first = await start();
    await first.write(entry(0));
    await first.close();
    await rename(path, `${path}.1`);
    const log = await start();
    await log.write(entry(1));
    expect(reportOf([...(await lines(`${path}.1`)), ...(await lines())])).toMatchObject({ lines: 2, findings: [] });
  });

  it("is no symlink, no pipe and no directory, also where one takes its place", async () => {
    for (const make of [
      async (path: string) => symlink(`${path}.real`, path),
      async (path: string) => run("mkfifo", [path]),
      async (path: string) => mkdir(path),
    ]) {
      const { path, start } = await place();
      await writeFile(`${path}.real`, "");
      await make(path);
      await expect(start()).rejects.toMatchObject({ code: expect.stringMatching(/ELOOP|EISDIR|not a regular file/) });
      await rename(path, `${path}.odd`);
      const log = await start();
      await log.write(entry(0));
      await rename(path, `${path}.moved`);
      await rename(`${path}.odd`, path);
      await expect(log.write(entry(1))).rejects.toThrow();
      await rename(path, `${path}.odd`);
      await log.write(entry(2));
      await log.close();
    }
  });

  it("is closed where the line before cannot be read", async () => {
    const { path, start } = await place();
    const opened: FileHandle[] = [];
    await mkdir(`${path}.1`);
    const rejected = start({
      open: async (...how) => {
        const file = await open(...how);
        opened.push(file);
        return file;
      },
    });
    await expect(rejected).rejects.toMatchObject({ code: "not a regular file" });
    expect(opened.map(({ fd }) => fd)).toEqual([-1, -1]);
  });

  it("is not made longer by a cut that comes late, where another program has emptied it meanwhile", async () => {
    const { path, start, lines } = await place();
    const disk = { full: false };
    const log = await start({ open: (path, ...how) => open(path, ...how).then((file) => onDisk(file, disk)) });
    await log.write(entry(0));
    disk.full = true;
    await expect(log.write(entry(1))).rejects.toThrow("ENOSPC");
    disk.full = false;
    await truncate(path, 0);
    await log.write(entry(2));
    expect((await lines()).map((line) => JSON.parse(line).pod.name)).toEqual(["web-2"]);
  });

  it("cuts later what it could not cut at once", async () => {
    const { start, lines } = await place();
    const disk = { full: false };
    const log = await start({ open: (path, ...how) => open(path, ...how).then((file) => onDisk(file, disk)) });
    await log.write(entry(0));
    disk.full = true;
    await expect(log.write(entry(1))).rejects.toThrow("ENOSPC");
    expect((await lines()).length).toBe(1);
    disk.full = false;
    await log.write(entry(2));
    expect(reportOf(await lines())).toMatchObject({ lines: 2, findings: [] });
  });

  it("tells its head when it has moved, and at its end", async () => {
    const { start, messages } = await place();
    const log = await start();
    log.tellHead();
    await log.write(entry(0));
    log.tellHead();
    log.tellHead();
    await log.write(entry(1));
    await log.close();
    const heads = messages.filter((line) => line.includes("audit head")).map((line) => JSON.parse(line).auditHead);
    expect(heads).toEqual([expect.stringMatching(/:0:/), expect.stringMatching(/:1:/)]);
  });
});
