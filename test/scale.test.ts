import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const script = `import { scaled } from ${JSON.stringify(join(import.meta.dirname, "scale.ts"))};
console.log([5_000, 300, 10].map((full) => scaled(full)).join(" "), scaled(200, 40));`;

/** Returns the counts of four tests of 5,000, 300, 10 and 200 cases, of which the last needs 40. */
function countsWith(env: Readonly<Record<string, string>>): string {
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    env,
    encoding: "utf8",
  });
  return stdout.trim() || stderr;
}

describe("the number of generated cases", () => {
  it.each<readonly [string, Readonly<Record<string, string>>, string]>([
    ["is a twentieth at the desk", {}, "250 20 10 40"],
    ["is full in CI", { CI: "true" }, "5000 300 10 200"],
    ["is full if somebody says so", { LATCHKEY_TEST_SCALE: "full" }, "5000 300 10 200"],
    ["is any share that somebody wants, in CI too", { CI: "true", LATCHKEY_TEST_SCALE: "0.5" }, "2500 150 10 100"],
  ])("%s", (_, env, counts) => {
    expect(countsWith(env)).toBe(counts);
  });

  it("is refused where it is not a share", () => {
    expect(countsWith({ LATCHKEY_TEST_SCALE: "half" })).toContain("write a number such as 0.5, or full");
  });
});
