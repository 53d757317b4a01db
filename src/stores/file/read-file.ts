import { close, constants, fstat, open, read } from "node:fs";
import { readlink, realpath } from "node:fs/promises";
import { sep } from "node:path";
import { promisify } from "node:util";
import { ProviderError } from "../../errors.ts";
import { maxBodyBytes } from "../../http/message.ts";
import { fileError } from "./errors.ts";
import { nameProblem } from "./ref.ts";

// Plain descriptors: a FileHandle for each of a storm's thousand files keeps the garbage collector busy.
const openFile = promisify(open);
const statFile = promisify(fstat);
const readBytes = promisify(read);
const closeFile = promisify(close);

/**
 * The bytes of the regular file `name` below the real path that `rootOf` gives, at most 8 MiB. Symlinks are followed where
 * they end inside, as Kubernetes' own `..data` do. Throws `LK0033`, `LK0034`, `LK0037`, `LK0038` and what `fileError` makes of the rest.
 */
export async function readFileBelow(rootOf: () => Promise<string>, name: string): Promise<Uint8Array> {
  const problem = nameProblem(name);
  if (problem !== undefined) throw refused(name, problem);
  try {
    const root = await rootOf();
    const path = `${root}${sep}${name}`;
    // Without O_NONBLOCK a FIFO would wait for its writer for ever.
    const file = await openFile(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    try {
      const size = await checkFile(file, path, root, name);
      return await readAll(file, size, name);
    } finally {
      await closeFile(file);
    }
  } catch (thrown) {
    throw fileError(thrown, `the file ${name}`);
  }
}

/** Judges what is open, not what the path said before: nothing can be swapped in between. Gives the size. */
async function checkFile(file: number, path: string, root: string, name: string): Promise<number> {
  const real = await openedPath(file, path);
  if (!real.startsWith(root.endsWith(sep) ? root : `${root}${sep}`))
    throw refused(name, "leads out of the store's directory");
  const stat = await statFile(file);
  if (!stat.isFile()) throw refused(name, "is not a regular file");
  if (stat.size > maxBodyBytes) throw tooLarge(name);
  return stat.size;
}

/** Systems without /proc are for development only: there the path is looked up again. */
async function openedPath(file: number, path: string): Promise<string> {
  return process.platform === "linux" ? readlink(`/proc/self/fd/${file}`) : realpath(path);
}

/** A read of a regular file that gives less than it was asked for has met the end (read(2)). */
async function readAll(file: number, size: number, name: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  // One byte more than the size: a file that grows meanwhile shows.
  for (let room = size + 1; ; room = 64 * 1024) {
    const { bytesRead, buffer } = await readBytes(file, Buffer.allocUnsafe(room), 0, room, null);
    chunks.push(buffer.subarray(0, bytesRead));
    total += bytesRead;
    if (total > maxBodyBytes) throw tooLarge(name);
    if (bytesRead < room)
      return chunks[1] === undefined ? (chunks[0] ?? new Uint8Array()) : Buffer.concat(chunks, total);
  }
}

function refused(name: string, why: string): ProviderError {
  return new ProviderError("LK0037", `the file name ${JSON.stringify(name.slice(0, 256))} is refused: it ${why}`, {
    fix: "name a regular file below the store's directory",
  });
}

function tooLarge(name: string): ProviderError {
  return new ProviderError("LK0038", `the file ${name} is larger than ${maxBodyBytes} bytes`, {
    fix: "split the secret into smaller ones",
  });
}
