import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../../src/async/clock.ts";
import { readBootId } from "../../../src/cache/persistence/boot.ts";
import { scaled } from "../../scale.ts";
import { type Fixture, fixture, privateDirectory } from "./fixture.ts";
import { keys, textOf } from "./killed-values.ts";

const kills = scaled(200, 40);

/** Two directories of their own keep both cores of a small machine busy. */
const lanes = 2;

/** How long a child writes on, in milliseconds, behind the line that its killing was set for: up to some of its rounds. */
const longestLife = 40;

/** Most lines that are waited for: on a busy machine a child does little in a given time. */
const mostLines = 8;

/** The story that one directory's children have told so far. */
interface Story {
  /** The last version that was dropped, by key. */
  readonly dropped: Map<string, number>;
  last: number;
}

interface Report {
  loaded: number;
  unfinished: number;
  highest: number;
}

/** Pauses that spread evenly, the same in each run: where they fall in the writing is chance enough. */
function pause(index: number): number {
  return ((index * 0.618_033_988_75) % 1) * longestLife;
}

/** The writer as one file, which starts three times as fast. */
async function bundleWriter(): Promise<string> {
  const outfile = join(await privateDirectory(), "writer.mjs");
  await build({
    entryPoints: [fileURLToPath(new URL("./killed-writer.ts", import.meta.url))],
    ...{ bundle: true, platform: "node", format: "esm", outfile },
    // pino is CommonJS.
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  });
  return outfile;
}

async function killOne(script: string, all: Fixture, story: Story, index: number): Promise<void> {
  const child = spawn(process.execPath, [script, all.directory, String(story.last + 1)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const closed = once(child, "close");
  await listen(child, story, index);
  expect(await closed).toEqual([null, "SIGKILL"]);
}

/** Reads what the child says to the end, and kills it some time after one of its first lines. */
async function listen(child: ChildProcess, story: Story, index: number): Promise<void> {
  if (child.stdout === null) throw new Error("no pipe");
  let killing: NodeJS.Timeout | undefined;
  let left = 1 + (index % mostLines);
  for await (const line of createInterface({ input: child.stdout })) {
    left -= 1;
    if (left === 0) killing = setTimeout(() => child.kill("SIGKILL"), pause(index));
    const [word, first = "", second] = line.split(" ");
    if (word === "version") story.last = Number(first);
    if (word === "dropped") story.dropped.set(first, Number(second));
  }
  clearTimeout(killing);
}

/** Every entry that a new process finds is whole, was written for its key, and was not dropped. */
async function inspect(all: Fixture, story: Story, report: Report): Promise<void> {
  const keeper = await all.open({ clock: systemClock, bootId: await readBootId() });
  for (const { key, value, about } of await keeper.load()) {
    const version = Number(about.name);
    expect(keys).toContain(key);
    expect(value).toBe(textOf(key, version));
    expect(version).toBeLessThanOrEqual(story.last);
    expect(version).toBeGreaterThan(story.dropped.get(key) ?? 0);
    report.loaded += 1;
  }
  const { flawed, failed } = keeper.stats();
  // A file that was being written when its writer was killed; never one in its place that is torn.
  expect({ failed, flaws: [...flawed.keys()].filter((flaw) => flaw !== "stray") }).toEqual({ failed: 0, flaws: [] });
  report.unfinished += flawed.get("stray") ?? 0;
  report.highest = story.last;
  await keeper.close();
}

describe("a process that is killed", () => {
  it(`at any moment of its writing, ${kills} times, leaves only what it meant to keep`, async () => {
    const script = await bundleWriter();
    const reports = await Promise.all(
      Array.from({ length: lanes }, async (_, lane) => {
        const all = await fixture();
        const story: Story = { dropped: new Map(), last: 0 };
        const report: Report = { loaded: 0, unfinished: 0, highest: 0 };
        for (let index = lane; index < kills; index += lanes) {
          await killOne(script, all, story, index);
          await inspect(all, story, report);
        }
        return report;
      }),
    );
    for (const { loaded, unfinished, highest } of reports) {
      expect(highest).toBeGreaterThan(kills / lanes);
      expect(loaded).toBeGreaterThan(kills / lanes);
      // Otherwise the kills came too early or too late to show anything.
      expect(unfinished).toBeGreaterThan(0);
    }
  }, 120_000);
});
