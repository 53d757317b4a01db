import { constants } from "node:fs";
import { type FileHandle, mkdir, open } from "node:fs/promises";

/**
 * A directory that is held open. Whoever may write in the volume can swap names for links while root works there, so no
 * path of two names is ever resolved: each name is looked up below a descriptor, and a link there is not followed
 * (https://man7.org/linux/man-pages/man5/proc_pid_fd.5.html).
 */
export interface OpenDirectory extends AsyncDisposable {
  /** Path of the open directory itself, below `/proc/self/fd`. One name may be added to it. */
  readonly path: string;
  chmod(mode: number): Promise<void>;
}

const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** Opens the directory of this name below an open one. Rejects with `ENOTDIR` or `ELOOP` for a link or a file. */
export async function openDirectory(parent: string, name: string): Promise<OpenDirectory> {
  const handle: FileHandle = await open(`${parent}/${name}`, flags);
  return {
    path: `/proc/self/fd/${handle.fd}`,
    chmod: (mode) => handle.chmod(mode),
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

/** The same; makes it where it is not there, searchable by the pod whatever the process's umask is. */
export async function makeDirectory(parent: string, name: string): Promise<OpenDirectory> {
  const made = await mkdir(`${parent}/${name}`, 0o755).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
      return false;
    },
  );
  const directory = await openDirectory(parent, name);
  try {
    if (made) await directory.chmod(0o755);
    return directory;
  } catch (error) {
    await directory[Symbol.asyncDispose]();
    throw error;
  }
}

/** How a directory is come to from the one above: opened, or made. */
export type Step = typeof openDirectory;

/**
 * Goes down by these names from an open directory and visits each directory on the way, with the number of names that led
 * there. Holds two descriptors at most at a time, however deep it is. Stops, and returns false, where a visit says so.
 */
export async function walkDown(
  root: string,
  names: readonly string[],
  step: Step,
  visit: (path: string, depth: number) => Promise<boolean>,
): Promise<boolean> {
  let held: OpenDirectory | undefined;
  try {
    for (const [index, name] of names.entries()) {
      const next = await step(held?.path ?? root, name);
      await held?.[Symbol.asyncDispose]();
      held = next;
      if (!(await visit(next.path, index + 1))) return false;
    }
    return true;
  } finally {
    await held?.[Symbol.asyncDispose]();
  }
}
