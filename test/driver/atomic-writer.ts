import { randomBytes } from "node:crypto";
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { MountFile } from "./wire.ts";

const DATA = "..data";

/**
 * Makes the volume hold exactly these files, all at once: they go to a directory with a time in its name, then the
 * `..data` link is swapped. Touches nothing when names and bytes are equal (a changed mode alone is never applied).
 * Answers whether anything changed.
 */
export async function writeAtomically(target: string, files: readonly MountFile[]): Promise<boolean> {
  const wanted = new Map(files.map((file) => [file.path, file]));
  const old = await currentDirectory(target);
  const oldNames = old === undefined ? [] : await filesBelow(join(target, old));
  if (old !== undefined && (await isEqual(join(target, old), oldNames, wanted))) return false;
  const fresh = await writeFiles(target, wanted);
  await swap(target, fresh);
  await link(target, firstElements(wanted.keys()));
  await unlinkStale(target, firstElements(wanted.keys()), firstElements(oldNames));
  if (old !== undefined) await rm(join(target, old), { recursive: true, force: true });
  return true;
}

async function currentDirectory(target: string): Promise<string | undefined> {
  try {
    return await readlink(join(target, DATA));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Relative paths of all files, in order. */
export async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory());
  return files.map((entry) => relative(directory, join(entry.parentPath, entry.name))).sort();
}

async function isEqual(
  directory: string,
  names: readonly string[],
  wanted: ReadonlyMap<string, MountFile>,
): Promise<boolean> {
  if (names.length !== wanted.size) return false;
  for (const name of names) {
    const file = wanted.get(name);
    if (file === undefined || !file.contents.equals(await readFile(join(directory, name)))) return false;
  }
  return true;
}

async function writeFiles(target: string, wanted: ReadonlyMap<string, MountFile>): Promise<string> {
  const time = new Date().toISOString().replace(/[-T:]/g, "_").slice(0, 19);
  const fresh = await mkdtemp(join(target, `..${time}.`));
  try {
    await chmod(fresh, 0o755);
    for (const { path, mode, contents } of wanted.values()) {
      await mkdir(dirname(join(fresh, path)), { recursive: true });
      await writeFile(join(fresh, path), contents);
      await chmod(join(fresh, path), mode);
    }
    return relative(target, fresh);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    throw error;
  }
}

async function swap(target: string, fresh: string): Promise<void> {
  const next = join(target, `${DATA}_${randomBytes(4).toString("hex")}`);
  await symlink(fresh, next);
  await rename(next, join(target, DATA));
}

function firstElements(paths: Iterable<string>): ReadonlySet<string> {
  return new Set(Array.from(paths, (path) => path.split("/", 1)[0] ?? path));
}

async function link(target: string, names: ReadonlySet<string>): Promise<void> {
  for (const name of names) {
    const there = await lstat(join(target, name)).catch(() => undefined);
    if (there === undefined) await symlink(join(DATA, name), join(target, name));
  }
}

async function unlinkStale(target: string, wanted: ReadonlySet<string>, old: ReadonlySet<string>): Promise<void> {
  for (const name of old) {
    if (!wanted.has(name)) await rm(join(target, name), { force: true });
  }
}
