import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Clock } from "../../../src/async/clock.ts";
import type { Entry } from "../../../src/cache/entries.ts";
import type { Keeper, KeeperOptions } from "../../../src/cache/persistence/keeper.ts";
import { openKeeper } from "../../../src/cache/persistence/open-keeper.ts";
import { createLogger } from "../../../src/log.ts";
import { Redacted } from "../../../src/redacted.ts";

export const minute = 60_000;
export const hour = 60 * minute;

/** Clocks that stand where the test puts them. */
class TestClock implements Clock {
  monotonic = 5 * hour;
  epoch = Date.UTC(2026, 0, 1);

  now(): number {
    return this.monotonic;
  }

  wall(): number {
    return this.epoch;
  }

  after(): () => void {
    throw new Error("persistence needs no timers");
  }

  pass(ms: number): void {
    this.monotonic += ms;
    this.epoch += ms;
  }
}

/** A private directory on a tmpfs, which is what /dev/shm is on every Linux (shm_overview(7)). */
export async function privateDirectory(): Promise<string> {
  const path = await mkdtemp("/dev/shm/latchkey-persistence-");
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** Values are texts here. */
export const textCodec = {
  encode: (value: string) => Buffer.from(value),
  decode: (bytes: Uint8Array) => Buffer.from(bytes).toString(),
};

export interface Fixture {
  readonly directory: string;
  readonly clock: TestClock;
  /** Lines of the log so far, without their times. */
  readonly lines: Record<string, unknown>[];
  readonly options: KeeperOptions<string>;
  /** A keeper as of a new process. */
  open(changes?: Partial<KeeperOptions<string>>): Promise<Keeper<string>>;
  /** Names of the files of entries and records. */
  files(ending?: string): Promise<readonly string[]>;
  path(name: string): string;
}

export async function fixture(changes: Partial<KeeperOptions<string>> = {}): Promise<Fixture> {
  const directory = await privateDirectory();
  const clock = new TestClock();
  const lines: Record<string, unknown>[] = [];
  const log = createLogger("debug", {
    write(line) {
      const { time: _, ...fields } = JSON.parse(line) as Record<string, unknown>;
      lines.push(fields);
    },
  });
  const options: KeeperOptions<string> = {
    ...{ directory, clock, log, codec: textCodec, bootId: "boot-1", mostBytes: 1024 * 1024, allowDisk: false },
    key: new Redacted(Buffer.alloc(32, 7)),
    ...changes,
  };
  return {
    ...{ directory, clock, lines, options },
    async open(more = {}) {
      const keeper = await openKeeper({ ...options, ...more });
      onTestFinished(() => keeper.close());
      return keeper;
    },
    files: async (ending = ".entry") => (await readdir(directory)).filter((name) => name.endsWith(ending)).sort(),
    path: (name) => join(directory, name),
  };
}

/** An entry that was fetched just now. */
export function entry(clock: Clock, key: string, value: string, changes: Partial<Entry<string>> = {}): Entry<string> {
  return {
    ...{ key, value, bytes: value.length, immutable: false, issued: false },
    about: {
      namespace: "shop",
      serviceAccount: "web",
      store: "vault",
      name: `secret/${key}`,
      ref: "{}",
      place: "p",
      endpoint: "e",
      login: "login-1",
    },
    fetchedAt: clock.now(),
    fetchedWall: clock.wall(),
    freshUntil: clock.now() + 2 * minute,
    ...changes,
  };
}

/** Keys and values of what a fresh keeper finds. */
export async function reload(
  { open }: Fixture,
  changes?: Partial<KeeperOptions<string>>,
): Promise<Record<string, string>> {
  const keeper = await open(changes);
  const entries = await keeper.load();
  await keeper.close();
  return Object.fromEntries(entries.map(({ key, value }) => [key, value]));
}

/** Whom root becomes without its rights. */
export const nobody = 65_534;

/** Runs `act` without root's rights, whoever runs the tests. */
export async function unprivileged(act: () => Promise<void>): Promise<void> {
  if (process.geteuid?.() !== 0) return act();
  process.seteuid?.(nobody);
  try {
    await act();
  } finally {
    process.seteuid?.(0);
  }
}

/** Bytes of all files of entries. */
export async function bytesOnFile(all: Fixture): Promise<number> {
  const sizes = await Promise.all((await all.files()).map(async (name) => (await stat(all.path(name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

const size = 500;

/** Entries of about so many times the least size. */
export function sized(all: Fixture, key: string, times = 1): Entry<string> {
  return entry(all.clock, key, "x".repeat(size * times));
}

/** Bytes of one such file: those of this bound, that many fit. */
export async function fileSize(all: Fixture): Promise<number> {
  const keeper = await all.open({ mostBytes: 1024 * 1024 });
  await keeper.save(sized(all, "a"));
  const { bytes } = keeper.stats();
  await keeper.drop("a");
  await keeper.close();
  return bytes;
}
