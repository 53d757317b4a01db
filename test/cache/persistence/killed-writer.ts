// Saves and drops entries in the directory of its argument until it is killed. Values are told by their keys and
// versions; versions count up from the second argument. A line on standard output says which drop is done, or which
// version begins.
import { writeSync } from "node:fs";
import { systemClock } from "../../../src/async/clock.ts";
import { readBootId } from "../../../src/cache/persistence/boot.ts";
import { openKeeper } from "../../../src/cache/persistence/open-keeper.ts";
import { createLogger } from "../../../src/log.ts";
import { Redacted } from "../../../src/redacted.ts";
import { keys, textOf } from "./killed-values.ts";

const keeper = await openKeeper<string>({
  directory: process.argv[2] ?? "",
  key: new Redacted(Buffer.alloc(32, 7)),
  codec: { encode: (value) => Buffer.from(value), decode: (bytes) => Buffer.from(bytes).toString() },
  clock: systemClock,
  bootId: await readBootId(),
  mostBytes: 64 * 1024,
  allowDisk: false,
  log: createLogger("off"),
});

/** Waits where the reader is behind: a full pipe answers EAGAIN. What is said must be out before anything else is done. */
function say(line: string): void {
  const bytes = Buffer.from(`${line}\n`);
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(1, bytes, written);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

function save(key: string, version: number): Promise<void> {
  const value = textOf(key, version);
  const now = systemClock.now();
  return keeper.save({
    ...{ key, value, bytes: value.length, immutable: false, issued: false },
    about: {
      namespace: "n",
      serviceAccount: "s",
      store: "vault",
      name: String(version),
      ref: "{}",
      place: "p",
      endpoint: "e",
      login: "l",
    },
    ...{ fetchedAt: now, fetchedWall: systemClock.wall(), freshUntil: now },
  });
}

for (let version = Number(process.argv[3]); ; version += 1) {
  say(`version ${version}`);
  // Several at once, of which some are overtaken by a newer one or by a drop.
  const saves = keys.map((key) => save(key, version));
  const key = keys[version % keys.length] ?? "";
  if (version % 3 > 0) await Promise.all(saves);
  await keeper.drop(key);
  say(`dropped ${key} ${version}`);
  await Promise.all(saves);
}
