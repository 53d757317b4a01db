import { chmod, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import type { Entry } from "../../../src/cache/entries.ts";
import { readBootId } from "../../../src/cache/persistence/boot.ts";
import { Redacted } from "../../../src/redacted.ts";
import { entry, fixture, hour, minute, reload, unprivileged } from "./fixture.ts";

describe("cache directory", () => {
  const key = "--cache-dir";
  it.each([
    ["missing", (path: string) => rm(path, { recursive: true }), /cannot be opened \(ENOENT\); create it/],
    [
      "no directory",
      async (path: string) => {
        await rm(path, { recursive: true });
        await writeFile(path, "");
      },
      /cannot be opened \(ENOTDIR\); create it/,
    ],
    ["open to its group", (path: string) => chmod(path, 0o710), /is open to others \(mode 0710\); make it private/],
    ["open to others", (path: string) => chmod(path, 0o704), /is open to others \(mode 0704\); make it private/],
    [
      "not to be written",
      (path: string) => mkdir(`${path}/owner`), // stands in the way for root as well
      /cannot be written \(EISDIR\); mount it read-write, with free space/,
    ],
  ])("is refused when %s, with the fix", async (_, spoil, message) => {
    const { open, directory } = await fixture();
    await spoil(directory);
    const error = await open().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "ConfigError", message: expect.stringMatching(message) });
    expect(String(error)).toContain(`${key}: ${directory} `);
  });

  it("is refused when it is no tmpfs, unless disks are allowed", async () => {
    // Private, owned by whoever runs, and of another file system than tmpfs on every machine.
    const { open } = await fixture({ directory: "/proc/self/fd" });
    await expect(open()).rejects.toThrow(/is not a tmpfs, .*; mount a tmpfs there, or set --allow-disk-cache$/);
    await expect(open({ allowDisk: true })).rejects.toThrow(/cannot be written \(ENOENT\)/);
  });

  it("is refused when it belongs to somebody else", async () => {
    const { open } = await fixture({ directory: "/proc" });
    const message = /\/proc belongs to user 0; give it to user [1-9]\d*, which Latchkey runs as \(chown\)$/;
    await unprivileged(() => expect(open()).rejects.toThrow(message));
  });

  it("needs a key of 32 bytes", async () => {
    const { open } = await fixture({ key: new Redacted(Buffer.alloc(31)) });
    await expect(open()).rejects.toThrow("--cache-key-file: has 31 bytes; give 32 random bytes or more");
  });
});

describe("persistence", () => {
  it("gives back every field of an entry after a restart", async () => {
    const all = await fixture();
    const { clock } = all;
    const full: Required<Entry<string>> = {
      ...entry(clock, "full", "välue\0"),
      immutable: true,
      issued: true,
      expiresAt: clock.now() + hour,
      pending: { since: 4 },
      held: {
        value: "the one before",
        fetchedAt: clock.now() - 2,
        since: clock.now() - 1,
        until: clock.now() + minute,
      },
    };
    const least = entry(clock, "least", "");
    const keeper = await all.open();
    await keeper.save(full);
    clock.pass(1);
    await keeper.save(least);
    await keeper.close();
    clock.pass(minute);

    expect(await (await all.open()).load()).toEqual([full, least]);
    expect(all.lines).toEqual([
      { level: "info", msg: "cache directory read", entries: 2, bytes: expect.any(Number), unusable: {} },
    ]);
  });

  it("gives entries back oldest first", async () => {
    const all = await fixture();
    const keeper = await all.open();
    for (const key of ["c", "a", "b", "c"]) {
      await keeper.save(entry(all.clock, key, key));
      all.clock.pass(1);
    }
    expect((await (await all.open()).load()).map(({ key }) => key)).toEqual(["a", "b", "c"]);
  });

  it("keeps files that only their owner can read, whose names and contents tell nothing", async () => {
    const all = await fixture();
    const umask = process.umask(0);
    const keeper = await all.open();
    await keeper.save(entry(all.clock, "the-key", "the-value"));
    await keeper.saveRecord("the-record", Buffer.from("the-text"));
    process.umask(umask);
    const names = [...(await all.files()), ...(await all.files(".record"))];
    expect(names).toEqual([
      expect.stringMatching(/^[0-9a-f]{64}\.entry$/),
      expect.stringMatching(/^[0-9a-f]{64}\.record$/),
    ]);
    for (const name of names) {
      expect((await stat(all.path(name))).mode & 0o7777).toBe(0o600);
      expect((await readFile(all.path(name))).toString("latin1")).not.toMatch(/the-|shop|web|vault|secret|login|boot/);
    }
  });

  it("writes the same entry differently each time", async () => {
    const all = await fixture();
    const keeper = await all.open();
    const contents = new Set<string>();
    for (let time = 0; time < 3; time += 1) {
      await keeper.save(entry(all.clock, "a", "1"));
      for (const name of await all.files()) contents.add((await readFile(all.path(name))).toString("hex"));
    }
    expect(contents.size).toBe(3);
  });

  it("keeps records, apart from entries of the same name", async () => {
    const all = await fixture();
    const keeper = await all.open();
    await keeper.saveRecord("keys", Buffer.from("one"));
    await keeper.saveRecord("keys", Buffer.from("two"));
    await keeper.save(entry(all.clock, "keys", "an entry"));
    const next = await all.open();
    expect(Object.fromEntries((await next.load()).map(({ key, value }) => [key, value]))).toEqual({ keys: "an entry" });
    expect(Buffer.from((await next.loadRecord("keys")) ?? []).toString()).toBe("two");
    expect(await next.loadRecord("none")).toBeUndefined();
    expect(next.stats().flawed).toEqual(new Map());
  });

  it("counts what it does", async () => {
    const all = await fixture();
    const keeper = await all.open();
    await keeper.save(entry(all.clock, "a", "1"));
    await keeper.save(entry(all.clock, "b", "2"));
    await keeper.drop("a");
    const bytes = (await stat(all.path((await all.files())[0] ?? ""))).size;
    expect(keeper.stats()).toEqual({
      ...{ entries: 1, bytes, saved: 2, dropped: 1, evicted: 0, failed: 0 },
      ...{ flawed: new Map(), disabled: undefined },
    });
  });

  it("keeps nothing once it is closed, and waits for what is under way", async () => {
    const all = await fixture();
    const keeper = await all.open();
    const saves = Promise.all(["a", "b"].map((key) => keeper.save(entry(all.clock, key, key))));
    await keeper.close();
    await keeper.close();
    await saves;
    await keeper.save(entry(all.clock, "c", "c"));
    await expect(keeper.drop("a")).rejects.toThrow(/could not be removed from the cache directory \(closed\)/);
    expect(await keeper.loadRecord("any")).toBeUndefined();
    expect(await reload(all)).toEqual({ a: "a", b: "b" });
  });

  it("lets the last process that opened the directory have it", async () => {
    const all = await fixture();
    const before = await all.open();
    await before.save(entry(all.clock, "a", "1"));
    await before.save(entry(all.clock, "b", "1"));
    const after = await all.open();
    await before.save(entry(all.clock, "a", "2"));
    await before.save(entry(all.clock, "b", "2"));
    await before.drop("b");
    expect(before.stats()).toMatchObject({ saved: 2, disabled: "taken-over" });
    expect(all.lines.map(({ msg }) => msg)).toEqual([
      "another process writes to the cache directory: nothing is kept any more",
    ]);
    await after.save(entry(all.clock, "c", "3"));
    expect(await reload(all)).toEqual({ a: "1", c: "3" });
  });

  it("knows this boot", async () => {
    expect(await readBootId()).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });
});
