// Saves entries into the directory of its argument, one of them larger than the limit that it was started with.
import { openKeeper } from "../../../src/cache/persistence/open-keeper.ts";
import { createLogger } from "../../../src/log.ts";
import { Redacted } from "../../../src/redacted.ts";

const now = 1_000;
const keeper = await openKeeper<string>({
  directory: process.argv[2] ?? "",
  key: new Redacted(Buffer.alloc(32, 7)),
  codec: { encode: (value) => Buffer.from(value), decode: (bytes) => Buffer.from(bytes).toString() },
  clock: { now: () => now, wall: () => now, after: () => () => undefined },
  bootId: "limited",
  mostBytes: 1024 * 1024,
  allowDisk: false,
  log: createLogger("off"),
});
for (const [key, value] of [
  ["a", "small"],
  ["b", "small"],
  ["a", "x".repeat(64 * 1024)],
  ["c", "small"],
] as const) {
  await keeper.save({
    ...{ key, value, bytes: value.length, immutable: false, issued: false },
    about: {
      namespace: "n",
      serviceAccount: "s",
      store: "vault",
      name: key,
      ref: "{}",
      place: "p",
      endpoint: "e",
      login: "l",
    },
    ...{ fetchedAt: now, fetchedWall: now, freshUntil: now },
  });
}
const { saved, failed, entries, disabled = null } = keeper.stats();
process.stdout.write(JSON.stringify({ saved, failed, entries, disabled }));
