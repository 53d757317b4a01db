import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { options } from "../../src/node/options.ts";
import { readDocument } from "../docs/documents.ts";

const values = parse(await readDocument("deploy/chart/values.yaml"));
const pages = await Promise.all(["docs/migrate-vault.md", "docs/migrate-aws.md"].map(readDocument));

/** The rows of the pages' tables of chart values: theirs, and ours. */
const rows = pages.flatMap((page) => {
  const section = /^## Chart values\n([\s\S]*?)(?=^## )/m.exec(page)?.[1] ?? "";
  return [...section.matchAll(/^\| (`[^|]+) +\| ([^|]+?) +\|/gm)].map(
    ([, theirs = "", ours = ""]) => [theirs, ours] as const,
  );
});

/** Whether the chart has a value of the name, or the program an option behind `config.`. */
function isValue(name: string): boolean {
  const [first = "", second] = name.split(".");
  if (!Object.hasOwn(values, first)) return false;
  if (first === "config" && second !== undefined) return Object.hasOwn(options, second);
  return second === undefined || Object.hasOwn(values[first], second);
}

describe("the migration pages", () => {
  it("map chart values of both", () => expect(rows.length).toBeGreaterThan(35));

  it.each(rows)("map %s to values that there are: %s", (_, ours) => {
    const named = [...ours.matchAll(/`([a-zA-Z.]+)(?:=\w+)?`/g)].map(([, name = ""]) => name);
    expect(named.length > 0 || /^none|^as before/.test(ours)).toBe(true);
    expect(named.filter((name) => !isValue(name))).toEqual([]);
  });
});
