import { beforeAll, describe, expect, it } from "vitest";
import { ensurePromtool, type Promtool } from "./promtool.ts";

let promtool: Promtool;

beforeAll(async () => {
  promtool = await ensurePromtool();
}, 900_000);

describe("promtool", () => {
  it("judges metrics, and says what is wrong with them", async () => {
    const good = "# HELP a_bytes Bytes.\n# TYPE a_bytes gauge\na_bytes 1\n";
    expect(await promtool.run(["check", "metrics"], good)).toEqual({ code: 0, output: "" });
    const bad = await promtool.run(["check", "metrics"], good.replaceAll("a_bytes", "a_count"));
    expect([bad.code, bad.output]).toEqual([3, expect.stringContaining("a_count")]);
  });
});
