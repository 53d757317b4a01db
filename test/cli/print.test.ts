import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { bundle } from "../bundle.ts";
import { classOf } from "../lint/lint-of.ts";
import { run } from "./run.ts";

describe("what a command prints", () => {
  it("is all there for a slow reader, and no error for one that goes away", async () => {
    const shell = (tail: string) =>
      promisify(execFile)("bash", ["-c", `set -o pipefail; "$0" "$1" schema | ${tail}`, process.execPath, bundle]);
    const slow = await shell("(sleep 0.5; cat)");
    expect(JSON.parse(slow.stdout)).toMatchObject({ title: "SecretProviderClass" });
    expect(await shell("head -c 1")).toEqual({ stdout: "{", stderr: "" });
  });

  it("is one line for each of very many problems, and nothing about the process itself", async () => {
    const objects = Array.from(
      { length: 150 },
      (_, index) => `- { objectName: a${index}, secretPath: b, method: 'G T' }\n`,
    ).join("");
    const args = ["plan", "-", "--namespace", "shop", "--service-account", "web"];
    const { code, stderr } = await run(args, {
      input: classOf("vault", { roleName: "r", vaultAddress: "https://v", objects }),
    });
    expect([
      code,
      stderr
        .trimEnd()
        .split("\n")
        .filter((line) => !line.startsWith("latchkey: LK0003 ")).length,
    ]).toEqual([1, 0]);
  });
});
