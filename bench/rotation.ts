import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { chartOf, type Series } from "./rotation/chart.ts";
import type { Credential } from "./rotation/pod.ts";
import { type Scene, World } from "./rotation/world.ts";
import { printTable, type Row } from "./table.ts";

// `node bench/rotation.ts [--chart] [part of a name]`: a database password is rotated under 24 pods on six nodes, with a real PostgreSQL and a real
// OpenBao, in each way that an operator may have set up. Takes ten minutes. `--chart` writes docs/images/rotation.svg.

/** So long after the start the secret is rotated, in seconds. */
const rotatesAt = 8;

/** A scene, and how the rotation goes. */
interface Play extends Scene {
  readonly name: string;
  /** Rotates; the time is counted from its start. */
  rotate(world: World): Promise<void>;
  /** How long after that it is watched, in seconds. */
  readonly lasts: number;
}

const next: Credential = { user: "app", password: "p1" };
const other: Credential = { user: "other", password: "p0" };

/** The database and the store change together, as a rotation function does it. */
async function oneUser(world: World): Promise<void> {
  await world.alter(next);
  await world.store(next);
}

/** The store first, and the database half a minute later. */
async function storeFirst(world: World): Promise<void> {
  await world.store(next);
  await sleep(30_000);
  await world.alter(next);
}

/** The store names the other user, whose password works already; the old one ends much later. */
async function twoUsers(world: World): Promise<void> {
  await world.store(other);
  await sleep(45_000);
  await world.alter({ user: "app", password: "ended" });
}

/** Someone notices, and restarts two pods every two seconds. */
async function rollOut(world: World): Promise<void> {
  await oneUser(world);
  await sleep(10_000);
  for (let at = 0; at < world.pods.length; at += 2) {
    await Promise.all(world.pods.slice(at, at + 2).map((pod) => pod.restart([next])));
    await sleep(2_000);
  }
}

const files = { takes: "at a reload", previous: false, lasts: 50 } as const;

const plays: readonly Play[] = [
  { name: "environment variables and a restart", ...files, takes: "at a restart", words: "", rotate: rollOut },
  { name: "files without spread, one user", ...files, words: "", rotate: oneUser },
  { name: "spread 30 s, one user", ...files, words: "spread: 30s,", rotate: oneUser },
  { name: "spread 30 s and previous, one user", ...files, words: "spread: 30s,", previous: true, rotate: oneUser },
  { name: "files without spread, the database 30 s after the store", ...files, words: "", rotate: storeFirst },
  {
    ...{ name: "verify, the database 30 s after the store", ...files, rotate: storeFirst },
    words:
      "verify: { kind: postgres, host: 127.0.0.1, port: PORT, database: postgres, tls: off, user: { key: user }, password: { key: password } },",
    flags: { verify: "true" },
  },
  { name: "files without spread, two users", ...files, words: "", rotate: twoUsers },
  { name: "spread 30 s, two users", ...files, words: "spread: 30s,", rotate: twoUsers },
  {
    ...{ name: "spread 30 s and a canary, two users", ...files, rotate: twoUsers },
    words: "spread: 30s, canary: 5%, canaryHold: 10s,",
  },
];

/** The figures of a play. */
interface Played {
  readonly name: string;
  readonly tried: readonly number[];
  readonly peak: number;
  readonly refused: number;
  /** From the rotation until the last pod had the new credential, in seconds. */
  readonly until: number;
}

async function play({ name, rotate, lasts, ...scene }: Play): Promise<Played> {
  const world = await World.start(scene);
  try {
    while (world.counts.second < rotatesAt) await sleep(20);
    const startedAt = Date.now();
    const rotating = rotate(world);
    await Promise.all([rotating, sleep(lasts * 1_000)]);
    const tried = world.counts.tried.slice(rotatesAt - 2);
    const changes = world.pods.map(({ changedAt }) => changedAt).filter((at) => at >= startedAt);
    return {
      ...{ name, tried, peak: Math.max(...tried), refused: world.counts.refusedFrom(rotatesAt - 1) },
      until: changes.length < world.pods.length ? Number.POSITIVE_INFINITY : (Math.max(...changes) - startedAt) / 1_000,
    };
  } finally {
    await world.stop();
  }
}

function rowsOf(played: readonly Played[]): readonly Row[] {
  const peakOf = (name: string) => played.find((each) => each.name === name)?.peak ?? 0;
  const storm = peakOf("files without spread, two users");
  return played.map(({ name, peak, refused, until }): Row => {
    const isCalm = name.startsWith("spread") && name.endsWith("two users");
    const all = until === Number.POSITIVE_INFINITY ? "not all" : `all after ${until.toFixed(0)} s`;
    return {
      what: name,
      measured: `peak ${peak}/s, ${refused} failures, ${all}`,
      against: isCalm ? `peak ${storm}/s without spread` : "-",
      goal: isCalm ? "<= 1/3, 0 failures" : "-",
      holds: !isCalm || (peak <= storm / 3 && refused === 0),
    };
  });
}

const [only = ""] = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const played: Played[] = [];
for (const each of plays.filter(({ name }) => name.includes(only))) {
  played.push(await play(each));
  process.stderr.write(`${each.name}: ${JSON.stringify(played.at(-1)?.tried)}\n`);
}
printTable(rowsOf(played));
if (process.argv.includes("--chart")) {
  const shown = ["files without spread, two users", "spread 30 s, two users", "spread 30 s and a canary, two users"];
  const series = shown.map(
    (name): Series => ({ name, values: played.find((each) => each.name === name)?.tried ?? [] }),
  );
  const svg = chartOf({
    title: "Connections that 24 pods open after a rotation",
    unit: "connections a second",
    series,
  });
  await writeFile(join(import.meta.dirname, "../docs/images/rotation.svg"), svg);
}
