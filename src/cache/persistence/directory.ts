import { randomBytes } from "node:crypto";
import { constants, type Dirent } from "node:fs";
import { type FileHandle, open, readdir, rename, rm, statfs, unlink } from "node:fs/promises";
import { ConfigError } from "../../config/config-error.ts";
import { errorName } from "../../errors.ts";
import { BadFile } from "./bad-file.ts";

/** Magic number of tmpfs in statfs(2). */
const tmpfs = 0x01021994;

const ownerFile = "owner";

/**
 * The directory of the cache, held open so that nothing done to its path can lead the writing elsewhere. Names are
 * those of single files within it.
 */
export class CacheDirectory {
  /** Whether what is written here survives the machine. */
  readonly onDisk: boolean;
  readonly #handle: FileHandle;
  readonly #run = randomBytes(16).toString("hex");
  #parts = 0;

  constructor(handle: FileHandle, onDisk: boolean) {
    this.#handle = handle;
    this.onDisk = onDisk;
  }

  list(): Promise<readonly Dirent[]> {
    return readdir(this.#path(""), { withFileTypes: true });
  }

  /** Contents of a file; undefined where there is none. Throws `BadFile` for what is no file or too large. */
  async read(name: string, mostBytes: number): Promise<Buffer | undefined> {
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const handle = await open(this.#path(name), flags).catch(absent);
    if (handle === undefined) return undefined;
    try {
      const stat = await handle.stat();
      if (!stat.isFile()) throw new BadFile("stray");
      if (stat.size > mostBytes) throw new BadFile("oversize");
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  }

  /** Writes a file as a whole: nobody sees a part of it, and where it fails the one before is left alone. */
  async put(name: string, contents: Uint8Array): Promise<void> {
    this.#parts += 1;
    const part = this.#path(`${this.#run}-${this.#parts}.part`);
    try {
      await this.#write(part, contents);
      await rename(part, this.#path(name));
    } catch (error) {
      await rm(part, { force: true }).catch(() => undefined); // the error that led here is the one to tell
      throw error;
    }
  }

  /**
   * Takes a file away for good before it settles. Where it cannot be unlinked, it is emptied, which no seal survives.
   * Rejects where neither can be done.
   */
  async erase(name: string): Promise<void> {
    try {
      await unlink(this.#path(name)).catch(absent);
      await this.#handle.sync();
    } catch {
      await this.#empty(name);
    }
  }

  /** Whether an unfinished file is of this process. */
  isOwnPart(name: string): boolean {
    return name.startsWith(this.#run);
  }

  /** Makes this process the one that writes here. */
  own(): Promise<void> {
    return this.put(ownerFile, Buffer.from(this.#run));
  }

  /** Whether no other process has come to write here since. A directory that was emptied is this one's again. */
  async isOwned(): Promise<boolean> {
    const owner = await this.read(ownerFile, this.#run.length);
    if (owner === undefined) await this.own();
    return owner === undefined || owner.toString() === this.#run;
  }

  isOwnerFile(name: string): boolean {
    return name === ownerFile;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  #path(name: string): string {
    return `/proc/self/fd/${this.#handle.fd}/${name}`;
  }

  async #write(path: string, contents: Uint8Array): Promise<void> {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    const handle = await open(path, flags, 0o600);
    try {
      await handle.writeFile(contents);
      if (this.onDisk) await handle.datasync();
    } finally {
      await handle.close();
    }
  }

  async #empty(name: string): Promise<void> {
    const flags = constants.O_WRONLY | constants.O_TRUNC | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const handle = await open(this.#path(name), flags);
    try {
      await handle.datasync();
    } finally {
      await handle.close();
    }
  }
}

/** Opens `--cache-dir` for this process. Throws `ConfigError` unless it is private, writable and a tmpfs. */
export async function openDirectory(path: string, allowDisk: boolean): Promise<CacheDirectory> {
  const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY).catch((error: unknown) => {
    throw refuse(path, `cannot be opened (${codeOf(error)})`, "create it as a directory of Latchkey's own");
  });
  try {
    await checkPrivate(path, handle);
    const onDisk = (await statfs(`/proc/self/fd/${handle.fd}`)).type !== tmpfs;
    if (onDisk && !allowDisk) {
      throw refuse(
        path,
        "is not a tmpfs, so secrets would be written to disk",
        "mount a tmpfs there, or set --allow-disk-cache",
      );
    }
    const directory = new CacheDirectory(handle, onDisk);
    await directory.own().catch((error: unknown) => {
      throw refuse(path, `cannot be written (${codeOf(error)})`, "mount it read-write, with free space");
    });
    return directory;
  } catch (error) {
    await handle.close().catch(() => undefined); // the error that led here is the one to tell
    throw error;
  }
}

/** The system's code of a failure, safe to print. */
export function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : errorName(error);
}

async function checkPrivate(path: string, handle: FileHandle): Promise<void> {
  const { uid, mode } = await handle.stat();
  const own = process.geteuid?.();
  if (uid !== own)
    throw refuse(path, `belongs to user ${uid}`, `give it to user ${own}, which Latchkey runs as (chown)`);
  if ((mode & 0o077) === 0) return;
  throw refuse(
    path,
    `is open to others (mode ${(mode & 0o777).toString(8).padStart(4, "0")})`,
    "make it private (chmod 0700)",
  );
}

function refuse(path: string, problem: string, fix: string): ConfigError {
  return new ConfigError(`--cache-dir: ${path} ${problem}; ${fix}`);
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
