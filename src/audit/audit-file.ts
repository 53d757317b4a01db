import { constants, type Stats } from "node:fs";
import { type FileHandle, open, rename, stat } from "node:fs/promises";
import type { Logger } from "../log.ts";
import { longestLine } from "./read-lines.ts";

/** How an audit file grows. */
export interface AuditFileRules {
  readonly path: string;
  /** A file that would grow beyond this many bytes is set aside first. */
  readonly mostBytes: number;
  /** So many files that were set aside are kept: `path.1` is the newest. */
  readonly keep: number;
  readonly log: Logger;
  /** Opens files; Node's own `open` if left out. */
  readonly open?: typeof open;
}

const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** A file that whole lines are appended to, and nothing else: what could not be written whole is taken back. */
export class AuditFile {
  readonly #rules: AuditFileRules;
  #file: FileHandle;
  /** Where whole lines end in a file that could not even be cut. */
  #whole: number | undefined;

  private constructor(rules: AuditFileRules, file: FileHandle) {
    this.#rules = rules;
    this.#file = file;
  }

  /** Opens the file for its owner alone, or makes it; what a process left behind within a line is cut off. Throws Node's error. */
  static async open(rules: AuditFileRules): Promise<AuditFile> {
    const file = await openWhole(rules);
    return new AuditFile(rules, file);
  }

  /** The last line, without its end, or that of the file set aside last where this one has none; empty where there is none. */
  async lastLine(): Promise<string> {
    const last = await lastLineOf(this.#file);
    return last === "" ? await lastLineSetAside(this.#rules) : last;
  }

  /** Appends lines, each with its end. Throws Node's error where not all of them could be written; then none is there. */
  async append(lines: Buffer): Promise<void> {
    if (this.#whole !== undefined) await this.#cut(this.#whole);
    if (await this.#wasMoved()) await this.#reopen();
    let { size } = await this.#file.stat();
    if (size > 0 && size + lines.length > this.#rules.mostBytes) {
      await this.#setAside();
      ({ size } = await this.#file.stat());
    }
    try {
      await writeAll(this.#file, lines);
    } catch (error) {
      // The first failure is the one to tell; a cut that fails too is tried again before the next line.
      await this.#cut(size).catch(() => undefined);
      throw error;
    }
  }

  /** Cuts the file back to `size` bytes; if that fails, the next append tries again first. Throws Node's error. */
  async #cut(size: number): Promise<void> {
    this.#whole = size;
    // Cut, and never made longer: another program may have emptied it.
    if ((await this.#file.stat()).size > size) await this.#file.truncate(size);
    this.#whole = undefined;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  /** Another program has moved the file: what rotates logs does so. */
  async #wasMoved(): Promise<boolean> {
    const own = await this.#file.stat();
    const there = await stat(this.#rules.path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    return there?.ino !== own.ino || there.dev !== own.dev;
  }

  async #reopen(): Promise<void> {
    const before = this.#file;
    this.#file = await openWhole(this.#rules);
    await before.close();
  }

  /** A file that cannot be set aside goes on growing: a line more is worth more than a bound. */
  async #setAside(): Promise<void> {
    const { path, keep, log } = this.#rules;
    try {
      for (let at = keep; at > 1; at--) await renameIfThere(`${path}.${at - 1}`, `${path}.${at}`);
      await rename(path, `${path}.1`);
      await this.#reopen();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      log.error({ path, code }, "the audit file cannot be renamed and grows beyond its limit");
    }
  }
}

async function openWhole({ path, log, open: openFile = open }: AuditFileRules): Promise<FileHandle> {
  const file = await openFile(path, flags, 0o600);
  try {
    const { size } = await regular(file);
    const end = await endOfLines(file, size);
    if (end < size) {
      log.warn(
        { path, bytes: size - end },
        "the audit file ended in the middle of a line, which was cut off: its mount got no reply",
      );
      await file.truncate(end);
    }
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * Returns the stats of a regular file. Throws for anything else: a pipe or a device keeps no lines, and a pipe that
 * nobody reads fills up.
 */
async function regular(file: FileHandle): Promise<Stats> {
  const stats = await file.stat();
  if (stats.isFile()) return stats;
  throw Object.assign(new Error("not a regular file"), { code: "not a regular file" });
}

async function lastLineSetAside({ path, open: openFile = open }: AuditFileRules): Promise<string> {
  const file = await openFile(`${path}.1`, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    },
  );
  try {
    if (file !== undefined) await regular(file);
    return file === undefined ? "" : await lastLineOf(file);
  } finally {
    await file?.close();
  }
}

async function endOfLines(file: FileHandle, size: number): Promise<number> {
  const { bytes, start } = await tailOf(file, size);
  const newline = bytes.lastIndexOf(0x0a);
  return newline < 0 ? (start === 0 ? 0 : size) : start + newline + 1;
}

async function lastLineOf(file: FileHandle): Promise<string> {
  const { bytes } = await tailOf(file, (await file.stat()).size);
  const end = bytes.lastIndexOf(0x0a);
  return end < 0 ? "" : bytes.subarray(bytes.lastIndexOf(0x0a, end - 1) + 1, end).toString();
}

async function tailOf(file: FileHandle, size: number): Promise<{ readonly bytes: Buffer; readonly start: number }> {
  const start = Math.max(0, size - longestLine);
  const bytes = Buffer.alloc(size - start);
  const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
  return { bytes: bytes.subarray(0, bytesRead), start };
}

async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at, bytes.length - at)).bytesWritten;
}

async function renameIfThere(from: string, to: string): Promise<void> {
  await rename(from, to).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
}
