import { copyFile, mkdir, readdir, readFile, rename, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import type { Flaw } from "../../../src/cache/persistence/bad-file.ts";
import { joinEntry } from "../../../src/cache/persistence/codec.ts";
import type { KeeperOptions } from "../../../src/cache/persistence/keeper.ts";
import { Sealer } from "../../../src/cache/persistence/sealer.ts";
import { Redacted } from "../../../src/redacted.ts";
import { entry, type Fixture, fixture, hour, textCodec } from "./fixture.ts";

/** One whole entry named `a` on file, and its path. */
async function withEntry(): Promise<{ readonly all: Fixture; readonly name: string; readonly path: string }> {
  const all = await fixture();
  const keeper = await all.open();
  await keeper.save(entry(all.clock, "a", "canary-value", { expiresAt: all.clock.now() + hour }));
  await keeper.close();
  const [name = "none"] = await all.files();
  return { all, name, path: all.path(name) };
}

/** Returns what a fresh process makes of the directory: flaws by count, entries, and names that it left. */
async function outcome(all: Fixture, changes: Partial<KeeperOptions<string>> = {}) {
  const keeper = await all.open(changes);
  const entries = (await keeper.load()).map(({ key, value }) => [key, value]);
  const { flawed } = keeper.stats();
  await keeper.close();
  const left = (await readdir(all.directory)).filter((name) => name !== "owner").sort();
  return { entries, flawed: Object.fromEntries(flawed), left };
}

async function flip(path: string, at: number, bit = 1): Promise<void> {
  const bytes = await readFile(path);
  bytes[at] = (bytes[at] ?? 0) ^ bit;
  await writeFile(path, bytes);
}

interface Case {
  readonly what: string;
  readonly flaw: Flaw;
  spoil?(all: Fixture, path: string): Promise<void> | void;
  readonly changes?: Partial<KeeperOptions<string>>;
}

const other = `${"0".repeat(64)}.entry`;

const cases: readonly Case[] = [
  { what: "empty", flaw: "torn", spoil: (_, path) => truncate(path, 0) },
  { what: "cut in its prefix", flaw: "torn", spoil: (_, path) => truncate(path, 40) },
  {
    what: "cut by one byte",
    flaw: "torn",
    spoil: async (_, path) => truncate(path, (await readFile(path)).length - 1),
  },
  { what: "longer by one byte", flaw: "torn", spoil: (_, path) => writeFile(path, "x", { flag: "a" }) },
  { what: "full of zeros", flaw: "forged", spoil: (_, path) => writeFile(path, Buffer.alloc(600)) },
  { what: "something else", flaw: "forged", spoil: (_, path) => writeFile(path, "not a file of the cache at all") },
  { what: "of another format", flaw: "oldFormat", spoil: (_, path) => flip(path, 7, 2) },
  { what: "changed in its middle", flaw: "forged", spoil: (_, path) => flip(path, 120) },
  { what: "under another name", flaw: "forged", spoil: (all, path) => rename(path, all.path(other)) },
  {
    what: "of another kind by its name",
    flaw: "forged",
    spoil: (_, path) => rename(path, path.replace(".entry", ".record")),
  },
  { what: "sealed with another key", flaw: "foreign", changes: { key: new Redacted(Buffer.alloc(32, 8)) } },
  { what: "of another boot", flaw: "otherBoot", changes: { bootId: "boot-2" } },
  { what: "saved later than now", flaw: "future", spoil: ({ clock }) => clock.pass(-1) },
  {
    what: "fetched later than now",
    flaw: "future",
    async spoil(all) {
      const keeper = await all.open();
      await keeper.save(entry(all.clock, "a", "canary-value", { fetchedAt: all.clock.now() + 1 }));
      await keeper.close();
    },
  },
  {
    what: "a record from later than now",
    flaw: "future",
    async spoil(all, path) {
      const keeper = await all.open();
      await keeper.saveRecord("keys", Buffer.from("text"));
      await keeper.close();
      await rm(path);
      all.clock.pass(-1);
    },
  },
  { what: "expired", flaw: "expired", spoil: ({ clock }) => clock.pass(hour) },
  { what: "larger than the bound", flaw: "oversize", changes: { mostBytes: 100 } },
  {
    what: "of a value that cannot be decoded",
    flaw: "unreadable",
    changes: {
      codec: {
        ...textCodec,
        decode(bytes) {
          throw new Error(`cannot decode ${textCodec.decode(bytes)}`);
        },
      },
    },
  },
];

describe("a file of the cache directory", () => {
  it.each(cases)("that is $what is dropped as $flaw", async ({ flaw, spoil, changes }) => {
    const { all, path } = await withEntry();
    await spoil?.(all, path);
    expect(await outcome(all, changes)).toEqual({ entries: [], flawed: { [flaw]: 1 }, left: [] });
    expect(all.lines).toEqual([
      {
        ...{ level: "warn", msg: "cache directory read: some files were unusable" },
        ...{ entries: 0, bytes: 0, unusable: { [flaw]: 1 } },
      },
    ]);
  });

  it("expires to the millisecond", async () => {
    const { all } = await withEntry();
    all.clock.pass(hour - 1);
    expect((await outcome(all)).entries).toEqual([["a", "canary-value"]]);
  });

  it("is not used after any one bit of any byte was changed", async () => {
    const { all, path } = await withEntry();
    const whole = await readFile(path);
    for (const at of whole.keys()) {
      await writeFile(path, whole);
      await flip(path, at, 1 << (at % 8));
      const { entries, left } = await outcome(all);
      expect({ at, entries, left }).toEqual({ at, entries: [], left: [] });
    }
  });

  it("is not used after it was cut anywhere", async () => {
    const { all, path } = await withEntry();
    const whole = await readFile(path);
    for (const length of whole.keys()) {
      await writeFile(path, whole.subarray(0, length));
      const { entries, flawed, left } = await outcome(all);
      expect({ length, entries, flawed, left }).toEqual({ length, entries: [], flawed: { torn: 1 }, left: [] });
    }
  });

  it("cannot stand in for another", async () => {
    const all = await fixture();
    const keeper = await all.open();
    for (const key of ["a", "b"]) await keeper.save(entry(all.clock, key, `value of ${key}`));
    for (const name of ["one", "two"]) await keeper.saveRecord(name, Buffer.from(name));
    for (const ending of [".entry", ".record"]) {
      const [from = "", to = ""] = await all.files(ending);
      await copyFile(all.path(from), all.path(to));
    }
    await keeper.close();
    const { entries, flawed } = await outcome(all);
    expect({ entries: entries.length, flawed }).toEqual({ entries: 1, flawed: { forged: 2 } });
  });

  it("is not used for another identity, even where its seal is right", async () => {
    const { all, name, path } = await withEntry();
    const sealer = new Sealer(all.options.key.reveal());
    const { plain } = sealer.open(name, await readFile(path));
    await writeFile(path, sealer.seal(name, sealer.identityOf(["bank", "web", "login-1"]), plain));
    expect((await outcome(all)).flawed).toEqual({ forged: 1 });
    await writeFile(path, sealer.seal(name, sealer.identityOf(["shop", "web", "login-1"]), plain));
    expect((await outcome(all)).entries).toEqual([["a", "canary-value"]]);
  });

  it("is not used under a name that is not its own, even where its seal is right", async () => {
    const { all, name, path } = await withEntry();
    const sealer = new Sealer(all.options.key.reveal());
    const sealed = await readFile(path);
    expect(() => sealer.open(other, sealed)).toThrow("a file of the cache directory is forged");
    const { plain, identity } = sealer.open(name, sealed);
    await writeFile(all.path(other), sealer.seal(other, identity, plain));
    expect(await outcome(all)).toEqual({ entries: [["a", "canary-value"]], flawed: { forged: 1 }, left: [name] });
  });

  it.each([
    ["shorter than its value", 5, undefined],
    ["longer than its value", 3, undefined],
    ["shorter than its value, of two", 5, 1],
  ])("whose bytes are %s is unreadable", async (_, valueBytes, heldUntil) => {
    const { all } = await withEntry();
    const { value: __, ...rest } = entry(all.clock, "a", "");
    const join = () => joinEntry({ ...rest, valueBytes, heldUntil }, Buffer.from("four"), textCodec);
    expect(join).toThrow("a file of the cache directory is unreadable");
  });

  it.each([
    ["no header", Buffer.alloc(0)],
    ["half a length", Buffer.from([0, 0])],
    ["a header that is longer than the file", Buffer.from([255, 255, 255, 255, 1])],
    ["a header that is no JSON", Buffer.from("\0\0\0\x0acanary-val", "latin1")],
    ["a header of another shape", Buffer.from("\0\0\0\x02{}", "latin1")],
  ])("that was sealed with %s is unreadable", async (_, plain) => {
    const { all, name, path } = await withEntry();
    const sealer = new Sealer(all.options.key.reveal());
    await writeFile(path, sealer.seal(name, sealer.identityOf([]), plain));
    expect(await outcome(all)).toEqual({ entries: [], flawed: { unreadable: 1 }, left: [] });
  });

  it("that is a link, or was never finished, is dropped; what is not the cache's by its name is left", async () => {
    const { all, name } = await withEntry();
    await writeFile(all.path("0123456789abcdef0123456789abcdef-7.part"), "half");
    await symlink(all.path(name), all.path(other));
    await symlink("/nowhere", all.path(other.replace(".entry", ".record")));
    await mkdir(all.path("1".repeat(64).concat(".entry")));
    await writeFile(all.path("notes.txt"), "the operator's");
    expect(await outcome(all)).toEqual({
      entries: [["a", "canary-value"]],
      flawed: { stray: 5 },
      left: [name, "1".repeat(64).concat(".entry"), "notes.txt"].sort(),
    });
  });

  it("that is a bad record is dropped when it is asked for", async () => {
    const all = await fixture();
    const keeper = await all.open();
    await keeper.saveRecord("keys", Buffer.from("text"));
    const [name = ""] = await all.files(".record");
    await flip(all.path(name), 150);
    expect(await keeper.loadRecord("keys")).toBeUndefined();
    expect(keeper.stats().flawed).toEqual(new Map([["forged", 1]]));
    expect(await all.files(".record")).toEqual([]);

    await keeper.saveRecord("keys", Buffer.from("text"));
    await rename(all.path(name), all.path("elsewhere"));
    await symlink(all.path("elsewhere"), all.path(name));
    expect(await keeper.loadRecord("keys")).toBeUndefined();
    expect(await all.files(".record")).toEqual([]);
  });
});
