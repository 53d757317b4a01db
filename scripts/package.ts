import { execFile } from "node:child_process";
import { copyFile, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

// Makes latchkey-<version>.tgz, in the working directory or the one that is given: the command line as an npm package. The
// bundle has all code in it, so the package has no dependency; licences and SBOM are those of the image.

const root = join(import.meta.dirname, "..");
const [destination = process.cwd()] = process.argv.slice(2);
const run = promisify(execFile);

const stage = await mkdtemp(join(tmpdir(), "latchkey-package-"));
try {
  await run(process.execPath, [join(root, "scripts/image-files.ts"), stage]);
  await rename(join(stage, "app"), join(stage, "dist"));
  await rm(join(stage, "usr"), { recursive: true });
  await Promise.all(["LICENSE", "README.md"].map((name) => copyFile(join(root, name), join(stage, name))));
  const { name, version, description, license, type, engines, bin } = JSON.parse(
    await readFile(join(root, "package.json"), "utf8"),
  );
  const manifest = { name, version, description, license, type, engines, bin, files: ["dist", "licenses"] };
  await writeFile(join(stage, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  const { stdout } = await run("npm", ["pack", "--silent", "--pack-destination", destination], { cwd: stage });
  process.stdout.write(`${join(destination, stdout.trim())}\n`);
} finally {
  await rm(stage, { recursive: true, force: true });
}
