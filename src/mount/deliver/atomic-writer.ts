import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { chmod, lstat, mkdir, open, readdir, readFile, readlink, rename, rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";

/** What is written: relative paths that were checked before. */
export interface WritableFile {
  readonly path: string;
  readonly mode: number;
  readonly contents: Uint8Array;
}

const dataLink = "..data";

/**
 * Makes `directory` hold exactly `files`, all at once: they are written into a new hidden directory, then the link
 * `..data` is swapped, as the kubelet's own writer does, so that a reader sees all old or all new files and inotify on
 * `..data` tells. Where names, bytes and modes are equal already, nothing is touched. Returns whether anything changed.
 */
export async function writeAtomically(directory: string, files: readonly WritableFile[]): Promise<boolean> {
  const names = [...new Set(files.map((file) => firstElement(file.path)))];
  const current = await readCurrent(directory);
  if (
    current !== undefined &&
    (await holdsExactly(join(directory, current), files)) &&
    (await linked(directory, names))
  ) {
    return false;
  }
  const next = `..${new Date().toISOString().replace(/[-:T]/g, "_").slice(0, 19)}.${randomBytes(6).toString("hex")}`;
  try {
    await writeAll(join(directory, next), files);
    await replaceLink(directory, dataLink, next);
  } catch (error) {
    await rm(join(directory, next), { recursive: true, force: true });
    throw error;
  }
  for (const name of names) await replaceLink(directory, name, `${dataLink}/${name}`);
  await removeOthers(directory, new Set([...names, dataLink, next]));
  return true;
}

function firstElement(path: string): string {
  return path.split("/", 1)[0] ?? path;
}

/** Name of the hidden directory that `..data` points to. */
async function readCurrent(directory: string): Promise<string | undefined> {
  const target = await readlink(join(directory, dataLink)).catch(noLink);
  return target !== undefined && /^\.\.[^/]+$/.test(target) ? target : undefined;
}

async function holdsExactly(directory: string, files: readonly WritableFile[]): Promise<boolean> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(absent);
  const kept = entries?.filter((entry) => !entry.isDirectory()) ?? [];
  if (entries === undefined || kept.length !== files.length) return false;
  for (const file of files) {
    if (!(await holds(join(directory, file.path), file))) return false;
  }
  return true;
}

async function holds(path: string, { mode, contents }: WritableFile): Promise<boolean> {
  const stat = await lstat(path).catch(absent);
  if (stat === undefined || !stat.isFile() || (stat.mode & 0o777) !== mode || stat.size !== contents.length)
    return false;
  return Buffer.compare(await readFile(path), contents) === 0;
}

async function linked(directory: string, names: readonly string[]): Promise<boolean> {
  const visible = (await readdir(directory)).filter((name) => !name.startsWith(".."));
  if (visible.length !== names.length) return false;
  for (const name of names) {
    if ((await readlink(join(directory, name)).catch(noLink)) !== `${dataLink}/${name}`) return false;
  }
  return true;
}

async function writeAll(directory: string, files: readonly WritableFile[]): Promise<void> {
  await makeDirectory(directory);
  for (const { path, mode, contents } of files) {
    await makeParents(directory, dirname(path));
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    const handle = await open(join(directory, path), flags, 0o600);
    try {
      await handle.writeFile(contents);
      await handle.chmod(mode);
    } finally {
      await handle.close();
    }
  }
}

async function makeParents(directory: string, parents: string): Promise<void> {
  if (parents === ".") return;
  const elements = parents.split("/");
  for (const index of elements.keys()) {
    await makeDirectory(join(directory, ...elements.slice(0, index + 1)));
  }
}

/** Searchable by the pod whatever the process's umask is. */
async function makeDirectory(path: string): Promise<void> {
  await mkdir(path, { mode: 0o755 }).then(
    () => chmod(path, 0o755),
    (error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    },
  );
}

async function replaceLink(directory: string, name: string, target: string): Promise<void> {
  const path = join(directory, name);
  const existing = await lstat(path).catch(absent);
  if (existing?.isSymbolicLink() && (await readlink(path)) === target) return;
  if (existing?.isDirectory()) await rm(path, { recursive: true });
  const temporary = join(directory, "..link_tmp");
  await rm(temporary, { recursive: true, force: true });
  await symlink(target, temporary);
  await rename(temporary, path);
}

/** Whatever else is there was left by an earlier writing, by a process that was killed, or by another provider. */
async function removeOthers(directory: string, kept: ReadonlySet<string>): Promise<void> {
  const others = (await readdir(directory)).filter((name) => !kept.has(name));
  for (const name of others) await rm(join(directory, name), { recursive: true, force: true });
}

/** A file that stands where a directory is looked for means the same as nothing at all. */
function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT" && error.code !== "ENOTDIR") throw error;
}

function noLink(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT" && error.code !== "EINVAL") throw error;
}
