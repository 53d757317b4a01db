import { execFile } from "node:child_process";
import { chmod, chown, mkdir, readFile, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { entry, type Fixture, fixture, minute, nobody, reload, textCodec, unprivileged } from "./fixture.ts";

const warning = "the cache directory cannot be written: entries are not kept";

/** Takes every right to write from the directory, for root as well as it runs `act` as somebody else. */
async function withoutRight(all: Fixture, act: () => Promise<void>): Promise<void> {
  if (process.geteuid?.() === 0) {
    for (const name of await all.files("")) await chown(all.path(name), nobody, nobody);
    await chown(all.directory, nobody, nobody);
  }
  await chmod(all.directory, 0o500);
  await unprivileged(act);
  await chmod(all.directory, 0o700);
  if (process.geteuid?.() === 0) await chown(all.directory, 0, 0);
}

/** Puts a directory in the place of a file, which can be neither unlinked nor emptied. */
async function block(path: string): Promise<void> {
  await rm(path, { force: true });
  await mkdir(path);
}

describe("a write that fails", () => {
  it("half-way leaves nothing of that key, and the others as they are", async () => {
    const all = await fixture();
    // Beyond a limit of 8 blocks the kernel refuses to make a file longer, as a full disk does (EFBIG, setrlimit(2)).
    const script = fileURLToPath(new URL("./limited-writer.ts", import.meta.url));
    const limited = ["-c", 'ulimit -f 8 && exec "$@"', "sh", process.execPath, script, all.directory];
    const { stdout } = await promisify(execFile)("/bin/sh", limited);
    expect(JSON.parse(stdout)).toMatchObject({ saved: 3, failed: 1, entries: 2, disabled: null });
    expect(await all.files(".part")).toEqual([]);
    const keeper = await all.open({ bootId: "limited" });
    const found = await keeper.load();
    expect(new Map(found.map(({ key, value }) => [key, value]))).toEqual(
      new Map(Object.entries({ b: "small", c: "small" })),
    );
    expect(keeper.stats().flawed).toEqual(new Map());
  });

  it("is counted, and logged once a minute without names or values", async () => {
    const all = await fixture();
    const keeper = await all.open();
    await keeper.save(entry(all.clock, "a", "canary"));
    await rm(all.directory, { recursive: true });
    for (const key of ["a", "b", "c"]) await keeper.save(entry(all.clock, key, "canary"));
    expect(all.lines).toEqual([{ level: "warn", code: "ENOENT", failed: 1, msg: warning }]);
    all.clock.pass(minute);
    await keeper.save(entry(all.clock, "a", "canary"));
    await keeper.saveRecord("keys", Buffer.from("text"));
    expect(all.lines.slice(1)).toEqual([{ level: "warn", code: "ENOENT", failed: 4, msg: warning }]);
    expect(keeper.stats()).toMatchObject({ saved: 1, failed: 5, entries: 0, bytes: 0, disabled: undefined });
    await keeper.drop("a");
  });

  it("is one where the codec throws, and what it throws is not told", async () => {
    const all = await fixture();
    const encode = (value: string) => {
      if (value === "canary") throw Object.assign(new Error(value), { code: value });
      return Buffer.from(value);
    };
    const keeper = await all.open({ codec: { ...textCodec, encode } });
    await keeper.save(entry(all.clock, "a", "1"));
    await keeper.save(entry(all.clock, "a", "canary"));
    expect(all.lines).toEqual([{ level: "warn", code: "codec", failed: 1, msg: warning }]);
    expect(await reload(all)).toEqual({});
  });

  it("empties the older file where it cannot be unlinked", async () => {
    const all = await fixture();
    const keeper = await all.open();
    await keeper.save(entry(all.clock, "a", "1"));
    await withoutRight(all, () => keeper.save(entry(all.clock, "a", "2")));
    expect(keeper.stats()).toMatchObject({ failed: 1, entries: 0, disabled: undefined });
    const [name = ""] = await all.files();
    expect(await readFile(all.path(name))).toEqual(Buffer.alloc(0));
    expect(await reload(all)).toEqual({});
  });
});

describe("a drop that fails", () => {
  it("empties the file where it cannot be unlinked", async () => {
    const all = await fixture();
    const keeper = await all.open();
    await keeper.save(entry(all.clock, "a", "1"));
    await withoutRight(all, () => keeper.drop("a"));
    expect(keeper.stats()).toMatchObject({ dropped: 1, disabled: undefined });
    const [name = ""] = await all.files();
    expect(await readFile(all.path(name))).toEqual(Buffer.alloc(0));
    expect(await reload(all)).toEqual({});
  });

  it("by all means is an error, and nothing is kept from then on", async () => {
    const all = await fixture();
    const keeper = await all.open();
    await keeper.save(entry(all.clock, "b", "canary"));
    const [before = ""] = await all.files();
    await keeper.save(entry(all.clock, "a", "canary"));
    const [blocked = ""] = (await all.files()).filter((name) => name !== before);
    await block(all.path(blocked));

    await expect(keeper.drop("a")).rejects.toMatchObject({
      ...{ name: "DropError", code: "EISDIR" },
      message:
        "a dropped entry could not be removed from the cache directory (EISDIR); " +
        "repair the directory and empty it before the next start",
    });
    expect(all.lines).toEqual([
      {
        ...{ level: "error", code: "EISDIR" },
        msg: "a dropped entry stays in the cache directory: empty it before the next start",
      },
    ]);
    await keeper.save(entry(all.clock, "b", "newer"));
    await keeper.save(entry(all.clock, "c", "newer"));
    expect(keeper.stats()).toMatchObject({ disabled: "drop-failed", dropped: 0, saved: 2 });
    expect(await all.files()).toEqual([blocked]);
    await expect(keeper.drop("a")).rejects.toThrow("EISDIR");
    await keeper.drop("b");
  });

  it("does not hold up the closing", async () => {
    const all = await fixture();
    const keeper = await all.open();
    await keeper.save(entry(all.clock, "a", "1"));
    const [name = ""] = await all.files();
    await block(all.path(name));
    onTestFinished(() => rm(all.path(name), { recursive: true }));
    const drop = keeper.drop("a").catch((error: unknown) => error);
    await keeper.close();
    expect(await drop).toMatchObject({ name: "DropError" });
  });
});
