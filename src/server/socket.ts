import { chmod, lstat, rename, rm } from "node:fs/promises";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { errorName } from "../errors.ts";

/** Linux keeps a socket's path in 108 bytes with a closing zero (unix(7)); the temporary name must fit as well. */
const longestSocketPath = 100;

/** A socket file of this process, to be taken away when it stops. */
export interface SocketFile {
  readonly path: string;
  readonly device: number;
  readonly inode: number;
}

/** Says why a socket cannot be served; the message is for the operator. */
export class SocketError extends Error {
  override readonly name = "SocketError";
}

/**
 * Serves `path`: `listen` binds a temporary name beside it, which gets mode 0600 and then replaces `path` in one step,
 * so that the driver never meets a socket that is not ready. A stale socket is replaced; a live one, or a file that is
 * no socket, is a `SocketError`.
 */
export async function publishSocket(path: string, listen: (path: string) => Promise<void>): Promise<SocketFile> {
  if (Buffer.byteLength(path) > longestSocketPath) {
    throw new SocketError(`${path}: longer than ${longestSocketPath} bytes; give a shorter --socket-dir`);
  }
  if ((await statOrNothing(dirname(path))) === undefined) {
    throw new SocketError(`${dirname(path)}: does not exist; create it or give another --socket-dir`);
  }
  await refuseLiveSocket(path);
  const temporary = join(dirname(path), `.${process.pid}.s`);
  await listenAt(temporary, path, listen);
  const { dev, ino } = await lstat(path);
  return { path, device: dev, inode: ino };
}

/** Removes the socket file, but only while it is still the very one that this process made. */
export async function withdrawSocket(file: SocketFile): Promise<void> {
  const found = await statOrNothing(file.path);
  if (found !== undefined && found.dev === file.device && found.ino === file.inode) {
    await rm(file.path, { force: true });
  }
}

async function listenAt(temporary: string, path: string, listen: (path: string) => Promise<void>): Promise<void> {
  try {
    await rm(temporary, { force: true });
    await listen(temporary);
    await chmod(temporary, 0o600);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined); // the error that led here is the one to tell
    throw new SocketError(
      `${dirname(path)}: a socket cannot be made there (${reasonOf(error)}); check --socket-dir and its permissions`,
    );
  }
}

/** The system's code; grpc-js has it in the text of its error only. */
function reasonOf(error: unknown): string {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  if (typeof code === "string") return code;
  return /\blisten (E[A-Z0-9]+)\b/.exec(String(message))?.[1] ?? errorName(error);
}

async function refuseLiveSocket(path: string): Promise<void> {
  const found = await statOrNothing(path);
  if (found === undefined) return;
  if (!found.isSocket())
    throw new SocketError(`${path}: exists and is not a socket; remove it or give another --socket-dir`);
  if (await answers(path)) {
    throw new SocketError(`${path}: another process serves it; stop that one first or give another --socket-dir`);
  }
}

async function statOrNothing(path: string) {
  return await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw new SocketError(
      `${path}: cannot be read (${error.code ?? error.name}); check --socket-dir and its permissions`,
    );
  });
}

async function answers(path: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
