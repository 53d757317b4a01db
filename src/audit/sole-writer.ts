import { createHash, randomBytes } from "node:crypto";
import { lstat, readdir, rm } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { basename, dirname, join } from "node:path";

/** Linux keeps a socket's path in 108 bytes with a closing zero (unix(7)). */
const longestPath = 107;

/** Longest name of a file that stands in its socket's as it is. */
const longestName = 32;

/** A socket is there a moment before it is served; one that is older than this, in milliseconds, and not served is nobody's. */
const moment = 250;

/** Holds a file for this process. */
export interface SoleWriter {
  release(): Promise<void>;
}

/**
 * Makes this process the only one that writes a file, by serving a socket `.NAME.<random>.lock` beside it: the kernel ends
 * that with the process, and every container that has the directory sees it. Of several that come at the same time at most one
 * stays, for each is seen before it looks. Throws `EBUSY` where another process has the file, and Node's error where no socket
 * can be had.
 */
export async function becomeSoleWriter(path: string): Promise<SoleWriter> {
  const [directory, start] = [dirname(path), `.${shortName(basename(path))}.`];
  const own = `${start}${randomBytes(4).toString("hex")}.lock`;
  if (Buffer.byteLength(join(directory, own)) > longestPath) throw failure("ENAMETOOLONG");
  const server = await serve(join(directory, own));
  const release = () => new Promise<void>((resolve) => server.close(() => resolve()));
  try {
    const names = await readdir(directory);
    const others = names.filter((name) => name !== own && name.startsWith(start) && name.endsWith(".lock"));
    const held = await Promise.all(others.map((name) => isHeld(join(directory, name))));
    if (held.includes(true)) throw failure("EBUSY");
    return { release };
  } catch (error) {
    await release();
    throw error;
  }
}

/** Long names, as of a node in it, would not fit a socket's path. */
function shortName(name: string): string {
  return name.length <= longestName ? name : createHash("sha256").update(name).digest("hex").slice(0, longestName);
}

async function serve(path: string): Promise<Server> {
  const server = createServer((connection) => connection.destroy()).unref();
  return await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => resolve(server));
  });
}

/** Whether a process serves the socket; one that nobody serves is taken away. Its name comes never again. */
async function isHeld(path: string): Promise<boolean> {
  const stats = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (stats === undefined || !stats.isSocket()) return false;
  const age = Math.abs(Date.now() - stats.ctimeMs);
  if (age < moment || (await isServed(path))) return true;
  await rm(path, { force: true });
  return false;
}

async function isServed(path: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    // Whatever cannot be asked may be served.
    socket.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code !== "ECONNREFUSED" && code !== "ENOENT"));
  });
}

function failure(code: string): Error {
  return Object.assign(new Error("another process may be writing the file"), { code });
}
