import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, lstat, open, readdir, readlink, rename, symlink } from "node:fs/promises";
import { makeDirectory, openDirectory, walkDown } from "./open-directory.ts";
import { removeTree } from "./remove-tree.ts";

/** One file to write; its relative path was checked before. */
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
 * `directory` is a path of an open directory: whatever others do in it meanwhile, nothing outside is read or touched.
 */
export async function writeAtomically(directory: string, files: readonly WritableFile[]): Promise<boolean> {
  const names = [...new Set(files.map((file) => firstElement(file.path)))];
  const folders = foldersOf(files);
  const current = await readCurrent(directory);
  const isCurrent = current !== undefined && (await holdsExactly(directory, current, folders));
  if (isCurrent && (await linked(directory, names))) return false;
  const next = `..${new Date().toISOString().replace(/[-:T]/g, "_").slice(0, 19)}.${randomBytes(6).toString("hex")}`;
  try {
    await writeAll(directory, next, folders);
    await replaceLink(directory, dataLink, next);
  } catch (error) {
    await removeTree(directory, next).catch(() => undefined); // the error that led here is the one to tell
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
  const target = await readlink(`${directory}/${dataLink}`).catch(noLink);
  return target !== undefined && /^\.\.[^/]+$/.test(target) ? target : undefined;
}

/** Whether the directory of this name has the files and no other name. */
async function holdsExactly(directory: string, name: string, folders: Folders): Promise<boolean> {
  const judged = new Set<string>();
  try {
    for (const path of ends(folders)) {
      const way = wayTo(path);
      const same = await walkDown(directory, [name, ...way], openDirectory, async (at, depth) => {
        const here = way.slice(0, depth - 1).join("/");
        if (judged.has(here)) return true;
        judged.add(here);
        const folder = folders.get(here);
        return folder !== undefined && (await holdsFolder(at, folder));
      });
      if (!same) return false;
    }
    return true;
  } catch (thrown) {
    absent(thrown as NodeJS.ErrnoException);
    return false;
  }
}

async function holdsFolder(at: string, { names, files }: Folder): Promise<boolean> {
  const found = await readdir(at);
  if (found.length !== names.size || found.some((each) => !names.has(each))) return false;
  for (const file of files) if (!(await holds(`${at}/${lastElement(file.path)}`, file))) return false;
  return true;
}

/** The folders with files: the way to them leads through all others. */
function ends(folders: Folders): readonly string[] {
  return [...folders].filter(([path, { files }]) => path === "" || files.length > 0).map(([path]) => path);
}

function wayTo(path: string): readonly string[] {
  return path === "" ? [] : path.split("/");
}

interface Folder {
  /** Of all that is in it. */
  readonly names: Set<string>;
  readonly files: WritableFile[];
}

/** By their paths; the top's is empty. */
type Folders = ReadonlyMap<string, Folder>;

/** The folders that the files make. */
function foldersOf(files: readonly WritableFile[]): Folders {
  const folders = new Map<string, Folder>([["", { names: new Set(), files: [] }]]);
  const folder = (path: string): Folder => {
    const known = folders.get(path);
    if (known !== undefined) return known;
    const made: Folder = { names: new Set(), files: [] };
    folders.set(path, made);
    folder(parentOf(path)).names.add(lastElement(path));
    return made;
  };
  for (const file of files) {
    const { names, files: inside } = folder(parentOf(file.path));
    names.add(lastElement(file.path));
    inside.push(file);
  }
  return folders;
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

function lastElement(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

async function holds(path: string, { mode, contents }: WritableFile): Promise<boolean> {
  // A pipe that stands there is not waited for.
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = await handle.stat();
    if (!stat.isFile() || (stat.mode & 0o777) !== mode || stat.size !== contents.length) return false;
    return await beginsWith(handle, contents);
  } finally {
    await handle.close();
  }
}

/** Reads no more than that, whatever the file grows to. */
async function beginsWith(handle: FileHandle, contents: Uint8Array): Promise<boolean> {
  const buffer = Buffer.alloc(contents.length);
  let read = 0;
  while (read < buffer.length) {
    const { bytesRead } = await handle.read(buffer, read, buffer.length - read, read);
    if (bytesRead === 0) return false;
    read += bytesRead;
  }
  return buffer.equals(contents);
}

async function linked(directory: string, names: readonly string[]): Promise<boolean> {
  const visible = (await readdir(directory)).filter((name) => !name.startsWith(".."));
  if (visible.length !== names.length) return false;
  for (const name of names) {
    if ((await readlink(`${directory}/${name}`).catch(noLink)) !== `${dataLink}/${name}`) return false;
  }
  return true;
}

async function writeAll(directory: string, name: string, folders: Folders): Promise<void> {
  for (const path of ends(folders)) {
    const way = [name, ...wayTo(path)];
    await walkDown(directory, way, makeDirectory, async (at, depth) => {
      const here = depth === way.length ? (folders.get(path)?.files ?? []) : [];
      for (const file of here) await writeOne(`${at}/${lastElement(file.path)}`, file);
      return true;
    });
  }
}

async function writeOne(path: string, { mode, contents }: WritableFile): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const handle = await open(path, flags, 0o600);
  try {
    await handle.writeFile(contents);
    await handle.chmod(mode);
  } finally {
    await handle.close();
  }
}

async function replaceLink(directory: string, name: string, target: string): Promise<void> {
  const path = `${directory}/${name}`;
  const existing = await lstat(path).catch(absent);
  if (existing?.isSymbolicLink() && (await readlink(path).catch(noLink)) === target) return;
  if (existing?.isDirectory()) await removeTree(directory, name);
  const temporary = `${directory}/..link_tmp`;
  await removeTree(directory, "..link_tmp");
  await symlink(target, temporary);
  await rename(temporary, path);
}

/** Whatever else is there was left by an earlier writing, by a process that was killed, or by another provider. */
async function removeOthers(directory: string, kept: ReadonlySet<string>): Promise<void> {
  const others = (await readdir(directory)).filter((name) => !kept.has(name));
  for (const name of others) await removeTree(directory, name);
}

/** A file that stands where a directory is looked for means the same as nothing at all. */
function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT" && error.code !== "ENOTDIR" && error.code !== "ELOOP") throw error;
}

function noLink(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT" && error.code !== "EINVAL") throw error;
}
