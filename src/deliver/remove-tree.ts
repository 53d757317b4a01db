import { randomBytes } from "node:crypto";
import { readdir, rename, rmdir, unlink } from "node:fs/promises";
import { ProviderError } from "../errors.ts";
import { openDirectory } from "./open-directory.ts";

/** More is not what Latchkey wrote: somebody in the pod adds to it as fast as it is removed. */
const mostNames = 100_000;

/**
 * Removes what has this name in an open directory, if anything; links are removed and not followed. Directories inside are
 * first moved up into the open one, so that no depth takes more than one descriptor. Throws `LK0008` for too many names.
 */
export async function removeTree(root: string, name: string): Promise<void> {
  const queue = [name];
  let seen = 0;
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (await removeFile(root, next)) continue;
    const inside = await emptied(root, next);
    queue.push(...inside.moved);
    seen += inside.count;
    if (seen > mostNames) throw tooMany();
    await rmdir(`${root}/${next}`).catch(goneAlready);
  }
}

/** Removes all but directories from one; gives the names that its directories have in `root` now. */
async function emptied(root: string, name: string): Promise<{ readonly moved: string[]; readonly count: number }> {
  const directory = await openDirectory(root, name).catch(goneAlready);
  if (directory === undefined) return { moved: [], count: 0 };
  await using held = directory;
  const names = await readdir(held.path);
  const moved: string[] = [];
  for (const inner of names) {
    if (await removeFile(held.path, inner)) continue;
    const place = `..gone_${randomBytes(8).toString("hex")}`;
    await rename(`${held.path}/${inner}`, `${root}/${place}`).catch(goneAlready);
    moved.push(place);
  }
  return { moved, count: names.length };
}

/** False where a directory has the name. */
async function removeFile(directory: string, name: string): Promise<boolean> {
  try {
    await unlink(`${directory}/${name}`);
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    // Linux says the first; POSIX the second (https://man7.org/linux/man-pages/man2/unlink.2.html).
    if (code === "EISDIR" || code === "EPERM") return false;
    if (code !== "ENOENT") throw thrown;
  }
  return true;
}

function goneAlready(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}

function tooMany(): ProviderError {
  return new ProviderError("LK0008", `the volume holds more than ${mostNames} names that Latchkey did not write`, {
    subject: "target_path",
    fix: "mount the volume with readOnly: true, so that only Latchkey writes into it",
  });
}
