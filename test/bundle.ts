import { execFile } from "node:child_process";
import { readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const root = join(import.meta.dirname, "..");

/** The built program, which starts three times as fast as its sources do. */
export const bundle = join(root, "dist/latchkey.mjs");

/** Builds the program if its sources are newer. Throws with the builder's output if it cannot be built. */
export async function ensureBundle(): Promise<void> {
  const built = await stat(bundle).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
  if ((await newestSource()) < built) return;
  // Aside and then in one go: another run may have the former one in use.
  const fresh = join(root, `dist-${process.pid}`);
  await promisify(execFile)(process.execPath, [join(root, "scripts/build.ts"), fresh]);
  await rm(dirname(bundle), { recursive: true, force: true });
  await rename(fresh, dirname(bundle));
}

/** Directories count too: they change when a file is taken away. */
async function newestSource(): Promise<number> {
  const below = await Promise.all(
    ["src", "proto", "scripts"].map(async (name) => {
      const names = await readdir(join(root, name), { recursive: true });
      return ["", ...names].map((each) => join(root, name, each));
    }),
  );
  const paths = [...below.flat(), join(root, "package-lock.json")];
  const stats = await Promise.all(paths.map((path) => stat(path)));
  return Math.max(...stats.map(({ mtimeMs }) => mtimeMs));
}
