import { existsSync } from "node:fs";
import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");

/** The rows of tables whose last column has this name: the promise, and what stands in that column. */
async function rowsOf(file: string, column: string): Promise<readonly (readonly [promise: string, tests: string])[]> {
  const rows: (readonly [string, string])[] = [];
  let isInside = false;
  for (const line of (await readFile(join(root, file), "utf8")).split("\n")) {
    const cells = line.startsWith("|")
      ? line
          .split("|")
          .slice(1, -1)
          .map((cell) => cell.trim())
      : [];
    if (cells.length === 0) isInside = false;
    else if (cells.at(-1) === column) isInside = true;
    else if (isInside && !/^-+$/.test(cells.at(-1) ?? "")) rows.push([cells[0] ?? "", cells.at(-1) ?? ""]);
  }
  return rows;
}

/** The tests that a text names, in backticks or as the target of a link. */
function testsIn(text: string): readonly string[] {
  const named = [...text.matchAll(/`(test\/[^`]+)`/g), ...text.matchAll(/\]\(\.\.\/(test\/[^)]+)\)/g)];
  return named.map(([, path = ""]) => path);
}

async function exists(path: string): Promise<boolean> {
  if (!path.includes("*")) return existsSync(join(root, path));
  for await (const _ of glob(path, { cwd: root })) return true;
  return false;
}

/** The claims of the threat model against which nothing is done: it says so instead of naming a test. */
const unheld = ["send the pod's token to a server of theirs"];

describe("every promise names a test that exists", () => {
  it.each([
    ["SECURITY.md", 20],
    ["docs/threat-model.md", 15],
  ])("in %s", async (file, least) => {
    const rows = await rowsOf(file, "test");
    expect(rows.length).toBeGreaterThanOrEqual(least);
    const without = rows.filter(([, tests]) => testsIn(tests).length === 0 && !/\bthe model\b/.test(tests));
    expect(without.map(([promise]) => promise)).toEqual(file === "SECURITY.md" ? [] : unheld);
    const text = await readFile(join(root, file), "utf8");
    const missing: string[] = [];
    for (const path of testsIn(text)) if (!(await exists(path))) missing.push(path);
    expect(missing).toEqual([]);
  });
});
