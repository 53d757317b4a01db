import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { link, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A program that `go install` makes. */
export interface GoTool {
  /** Of the program's file. */
  readonly name: string;
  /** Path of its package, without a version. */
  readonly package: string;
  /** With the `v`. */
  readonly version: string;
  /** The least Go that builds it, for who has none. */
  readonly go: string;
  readonly tags?: readonly string[];
}

/** For all programs alike: then Go compiles its library once for all of them, and needs no C compiler. */
export const buildEnvironment = { CGO_ENABLED: "0" };

/** Nobody debugs these programs, and what a debugger reads takes a tenth of the time to make. */
export const buildFlags = ["-trimpath", "-gcflags=all=-dwarf=false"];

/** Where programs are kept, and who makes them; the defaults are the repository's own. */
export interface GoToolOptions {
  readonly cache?: string;
  readonly go?: string;
}

/** A thing to make: the file in its directory that shows that it is there, and for whom error messages are. */
type Made = Pick<GoTool, "name" | "version" | "go">;

/**
 * The program's path in `.cache/go`, made on first use and for each version anew, which takes minutes. Throws an error of one
 * line that says what to install or repair.
 */
export async function ensureGoTool(tool: GoTool, options: GoToolOptions = {}): Promise<string> {
  const tags = tool.tags === undefined ? [] : ["-tags", tool.tags.join(",")];
  const args = ["install", ...buildFlags, ...tags, "-ldflags", "-s -w", `${tool.package}@${tool.version}`];
  const install = async (fresh: string) => {
    const env = { ...process.env, ...buildEnvironment, GOBIN: fresh };
    await run(options.go ?? "go", args, { env, maxBuffer: 64 * 1024 ** 2 });
  };
  return join(await ensureMade(tool, install, options), tool.name);
}

/**
 * The directory of a version of a program, made on first use. Of several processes that ask at once one makes it and the
 * others wait. Throws an error of one line.
 */
export async function ensureMade(
  made: Made,
  make: (fresh: string) => Promise<void>,
  options: GoToolOptions = {},
): Promise<string> {
  const cache = join(options.cache ?? fileURLToPath(new URL("../../.cache", import.meta.url)), "go");
  const target = join(cache, `${made.name}-${made.version}`);
  const isThere = () => existsSync(join(target, made.name));
  if (isThere()) return target;
  await mkdir(cache, { recursive: true });
  const unlock = await lock(`${target}.lock`);
  try {
    if (!isThere()) await makeAside(made, target, make, options.go ?? "go");
  } finally {
    await unlock();
  }
  return target;
}

/** In a directory of its own, which is put in place when all is well. */
async function makeAside(
  made: Made,
  target: string,
  make: (fresh: string) => Promise<void>,
  go: string,
): Promise<void> {
  const fresh = await mkdtemp(`${target}-`);
  try {
    await make(fresh);
    await rename(fresh, target);
  } catch (error) {
    // Another one took the lock of one that it thought dead, and was faster.
    if (existsSync(join(target, made.name))) return;
    throw new Error(`cannot make ${made.name} ${made.version}: ${explain(error, made, go)}`);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

/** Says in one line what went wrong and what to do. */
function explain(error: unknown, tool: Made, go: string): string {
  const { code, stderr } = error as { code?: unknown; stderr?: string };
  if (code === "ENOENT") return `${go} was not found. Install Go ${tool.go} or newer`;
  const lines = (stderr ?? "").split("\n").filter((line) => line !== "" && !line.startsWith("go: downloading"));
  return `Go says "${lines.at(-1)?.trim() ?? String(error)}". It needs Go ${tool.go} or newer and a reachable module proxy`;
}

/** Holds a file that names its process; one that a dead process left is taken over. Linking is whole or not at all. */
async function lock(path: string): Promise<() => Promise<void>> {
  const mine = `${path}-${randomUUID()}`;
  await writeFile(mine, String(process.pid));
  try {
    while (!(await linked(mine, path))) {
      const pid = await readFile(path, "utf8").catch(() => "");
      if (pid !== "" && !isAlive(Number(pid))) await rm(path, { force: true });
      else await sleep(100);
    }
  } finally {
    await rm(mine);
  }
  return () => rm(path, { force: true });
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
