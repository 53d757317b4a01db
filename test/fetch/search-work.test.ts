import { describe, expect, it } from "vitest";
import { ProviderError } from "../../src/errors.ts";
import { askSearch } from "../../src/fetch/search-result.ts";
import { compilePattern } from "../../src/formats/pattern.ts";
import type { Find, Wanted } from "../../src/plan/plan.ts";
import { Work } from "../../src/plan/work.ts";
import { Redacted } from "../../src/redacted.ts";

const secret = (text: string) => ({
  value: { value: new Redacted<Uint8Array>(Buffer.from(text)) },
  how: "fetched" as const,
  ageMs: 0,
});

/** Asks by one search, whose list has so many names of so many characters. */
async function search(work: Work, names: number, length: number, more: Partial<Find> = {}) {
  const list = Array.from({ length: names }, (_, at) => `${at}`.padStart(length, "x"));
  const wanted: Wanted = { id: "s", subject: "secrets[0]", source: { store: "vault", settings: {}, ref: {} } };
  const find = { accepts: () => true, limit: 1_000, shortOf: (name: string) => name, refOf: (name: string) => name };
  const ask = (one: Wanted) => secret(one === wanted ? JSON.stringify(list) : "x");
  return await askSearch(wanted, { ...find, ...more }, { ask, work });
}

const idOf = ({ value }: Awaited<ReturnType<typeof search>>) => (value instanceof ProviderError ? value.id : "found");

describe("the searches of one mount", () => {
  it("may find a few thousand secrets together, and no more", async () => {
    const work = new Work();
    const ends: string[] = [];
    for (let at = 0; at < 12; at += 1) ends.push(idOf(await search(work, 1_000, 4)));
    expect([...new Set(ends.slice(0, 9)), ...new Set(ends.slice(10))]).toEqual(["found", "LK0043"]);
  });

  it("may look through many names by a pattern that people write", async () => {
    const pattern = compilePattern("/db-[a-z]+$");
    const by = { accepts: (name: string) => pattern.test(name), workFor: (name: string) => pattern.workFor(name) };
    expect(idOf(await search(new Work(), 10_000, 40, by))).toBe("LK0034");
  });

  it("do not go on with a pattern that takes seconds, and let others have turns until then", async () => {
    const pattern = compilePattern("(?i)\\pL{1000}c");
    const by = { accepts: (name: string) => pattern.test(name), workFor: (name: string) => pattern.workFor(name) };
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 0);
    const { value } = await search(new Work(), 10_000, 500, by);
    clearInterval(timer);
    expect(value).toMatchObject({
      id: "LK0043",
      message: "finding secrets by a pattern takes more work than one mount may",
    });
    expect(turns).toBeGreaterThan(5);
  });
});
