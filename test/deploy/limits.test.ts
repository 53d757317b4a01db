import { describe, expect, it } from "vitest";
import { options } from "../../src/node/options.ts";
import { readDocument } from "../docs/documents.ts";
import { render } from "./rendered.ts";

const mebibyte = 1024 ** 2;

/** A number of the image's command line. */
function flagIn(dockerfile: string, flag: string): number {
  return Number(new RegExp(`^ENTRYPOINT .*"--${flag}=(\\d+)"`, "m").exec(dockerfile)?.[1]);
}

describe("the chart's limit of memory", () => {
  it("is the sum of the program's bounds that docs/performance.md shows", async () => {
    const dockerfile = await readDocument("Dockerfile");
    const rows = [...(await readDocument("docs/performance.md")).matchAll(/^\| ([^|]+?) +\| (\d+) +\|$/gm)];
    const shown = new Map(rows.map(([, what = "", mebibytes]) => [what, Number(mebibytes)]));
    const of = (word: string) => [...shown].find(([what]) => what.includes(word))?.[1];
    expect(of("the heap")).toBe(
      flagIn(dockerfile, "max-old-space-size") + 3 * flagIn(dockerfile, "max-semi-space-size"),
    );
    expect(of("cached values")).toBe(options.cacheBytes.fallback / mebibyte);
    expect(of("their encoded form")).toBe((2 * options.maxInflightBytes.fallback) / mebibyte);
    const parts = [...shown].filter(([what]) => !what.startsWith("together")).map(([, mebibytes]) => mebibytes);
    const sum = parts.reduce((all, each) => all + each, 0);
    const limit = (await render()).container.resources.limits.memory;
    expect(limit).toBe(`${of("together")}Mi`);
    expect(Math.ceil(sum / 64) * 64).toBe(of("together"));
  });
});
