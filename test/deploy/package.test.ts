import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");

let directory: string;
let installed: string;

/** Installed as a user would, where no registry can be asked. */
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "lk-package-"));
  const { stdout } = await run(process.execPath, [join(root, "scripts/package.ts"), directory]);
  await run("npm", ["install", "--offline", "--prefix", directory, stdout.trim()], { cwd: directory });
  installed = join(directory, "node_modules/latchkey");
}, 120_000);

afterAll(() => rm(directory, { recursive: true, force: true }));

describe("the npm package", () => {
  const latchkey = () => join(directory, "node_modules/.bin/latchkey");

  it("brings the command, and needs no other package", async () => {
    const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    expect((await run(latchkey(), ["--version"])).stdout).toBe(`${version}\n`);
    expect(await readdir(join(directory, "node_modules"))).toEqual([".bin", ".package-lock.json", "latchkey"]);
  });

  it("lints and plans offline", async () => {
    const file = join(root, "deploy/examples/vault.yaml");
    expect((await run(latchkey(), ["lint", file])).stdout).toContain("no problems in 1 SecretProviderClass");
    expect((await run(latchkey(), ["plan", file, "--namespace", "shop", "--service-account", "web"])).stdout).toContain(
      "provider vault",
    );
  });

  it("holds the licences of all that is in it, and nothing else of the repository", async () => {
    expect((await readdir(installed)).sort()).toEqual(["LICENSE", "README.md", "dist", "licenses", "package.json"]);
    expect(await readdir(join(installed, "licenses"))).toContain("sbom.cdx.json");
  });
});
