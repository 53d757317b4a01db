import { constants } from "node:fs";
import { type FileHandle, open, readlink, realpath } from "node:fs/promises";
import { sep } from "node:path";
import { ProviderError } from "../../errors.ts";
import { maxBodyBytes } from "../../http/message.ts";
import { fileError } from "./errors.ts";
import { nameProblem } from "./ref.ts";

/**
 * The bytes of the regular file `name` below `directory`, at most 8 MiB. Symlinks are followed as long as they end inside,
 * as Kubernetes' own `..data` do. Throws `LK0033`, `LK0034`, `LK0037`, `LK0038` and what `fileError` makes of the rest.
 */
export async function readFileBelow(directory: string, name: string): Promise<Uint8Array> {
  const problem = nameProblem(name);
  if (problem !== undefined) throw refused(name, problem);
  try {
    const root = await realpath(directory);
    const path = `${root}${sep}${name}`;
    // Without O_NONBLOCK a FIFO would wait for its writer for ever.
    await using handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    await checkFile(handle, path, root, name);
    return await readAll(handle, name);
  } catch (thrown) {
    throw fileError(thrown, name);
  }
}

/** Judges what is open, not what the path said before: nothing can be swapped in between. */
async function checkFile(handle: FileHandle, path: string, root: string, name: string): Promise<void> {
  const real = await openedPath(handle, path);
  if (!real.startsWith(root.endsWith(sep) ? root : `${root}${sep}`))
    throw refused(name, "leads out of the store's directory");
  const stat = await handle.stat();
  if (!stat.isFile()) throw refused(name, "is no regular file");
}

/** Systems without /proc are for development only: there the path is looked up again. */
async function openedPath(handle: FileHandle, path: string): Promise<string> {
  return process.platform === "linux" ? readlink(`/proc/self/fd/${handle.fd}`) : realpath(path);
}

async function readAll(handle: FileHandle, name: string): Promise<Uint8Array> {
  const { size } = await handle.stat();
  if (size > maxBodyBytes) throw tooLarge(name);
  // One byte more than the size: a file that grows meanwhile shows.
  const chunks: Uint8Array[] = [];
  let total = 0;
  for (;;) {
    const buffer = Buffer.allocUnsafe(Math.max(size + 1 - total, 4096));
    const { bytesRead } = await handle.read(buffer, 0, buffer.byteLength, null);
    if (bytesRead === 0) return Buffer.concat(chunks, total);
    chunks.push(buffer.subarray(0, bytesRead));
    total += bytesRead;
    if (total > maxBodyBytes) throw tooLarge(name);
  }
}

function refused(name: string, why: string): ProviderError {
  return new ProviderError("LK0037", `the file name ${JSON.stringify(name.slice(0, 256))} is refused: it ${why}`, {
    fix: "name a regular file below the store's directory",
  });
}

function tooLarge(name: string): ProviderError {
  return new ProviderError("LK0038", `the file ${name} is larger than ${maxBodyBytes} bytes`, {
    fix: "split the secret: a volume holds 4 MiB at most",
  });
}
