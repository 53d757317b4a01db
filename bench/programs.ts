import { mkdtemp, readdir, readFile, readlink, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { type Child, startChild } from "../test/servers/child.ts";

const root = join(import.meta.dirname, "..");

/** The Node options of the programs under measurement; the image sets the same (Dockerfile). */
const nodeOptions = ["--optimize-for-size", "--max-semi-space-size=4", "--max-old-space-size=160", "--disable-sigusr1"];

/** One malloc arena: small buffers of many threads' arenas would leave holes (mallopt(3)); the image sets the same. */
const env = { MALLOC_ARENA_MAX: "1" };

/** Bundles the bare grpc-js server as Latchkey is bundled, so that both start from one kind of file. */
export async function buildBareServer(): Promise<string> {
  const outfile = join(root, "dist-bench/bare-server.mjs");
  await build({
    absWorkingDir: root,
    entryPoints: ["bench/bare-server.ts"],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node22.12",
    minifySyntax: true,
    minifyWhitespace: true,
    banner: { js: 'import { createRequire as r } from "node:module"; const require = r(import.meta.url);' },
  });
  return outfile;
}

/** A program on a socket directory of its own. */
export interface Program {
  readonly socketDir: string;
  readonly child: Child;
  stop(): Promise<void>;
}

/** Starts the bare server; `replyBytes` is what each `Mount` answers. */
export async function startBare(script: string, replyBytes = 0): Promise<Program> {
  return await start(
    "bare server",
    (socketDir) => [script, join(socketDir, "latchkey.sock"), String(replyBytes)],
    /ready/,
  );
}

/** How the bundle is started: by a shell command that comes before it, in its process; with a version key among its flags. */
interface Start {
  readonly enter?: string;
  readonly versionKey?: "given";
}

/** Starts the bundle with every flag given as it is. */
export async function startLatchkey(flags: readonly string[], { enter, versionKey }: Start = {}): Promise<Program> {
  const script = join(root, "dist/latchkey.mjs");
  const args = (socketDir: string) => [
    script,
    "serve",
    "--socket-dir",
    socketDir,
    ...(versionKey === "given" ? [] : ["--version-key", "ephemeral"]),
    ...flags,
  ];
  return await start("latchkey", args, /"msg":"serving"/, enter);
}

async function start(
  name: string,
  args: (socketDir: string) => readonly string[],
  ready: RegExp,
  enter?: string,
): Promise<Program> {
  const socketDir = await mkdtemp(join(tmpdir(), "lkb-"));
  const line = [process.execPath, ...nodeOptions, ...args(socketDir)];
  const [command = "", ...rest] = enter === undefined ? line : ["sh", "-c", `${enter} && exec "$@"`, "sh", ...line];
  const child = await startChild({ name, command, args: rest, env, ready });
  const stop = async () => {
    await child.stop();
    await rm(socketDir, { recursive: true, force: true });
  };
  return { socketDir, child, stop };
}

/** CPU time that a process has used, in milliseconds (proc(5): clock ticks are hundredths of a second on Linux). */
export async function cpuMs(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ").at(-1)?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** How many sockets a process has open. */
export async function openSockets(pid: number): Promise<number> {
  const directory = `/proc/${pid}/fd`;
  const links = await Promise.all((await readdir(directory)).map((fd) => readlink(join(directory, fd)).catch(gone)));
  return links.filter((link) => link.startsWith("socket:")).length;
}

/** Counts a descriptor that was closed while it was read as not open. Throws any other error. */
function gone(error: NodeJS.ErrnoException): string {
  if (error.code === "ENOENT") return "";
  throw error;
}

/** Resident memory in MiB, as the kernel counts it. */
export async function residentMiB(pid: number): Promise<number> {
  return await statusMiB(pid, "VmRSS");
}

/** The most that it ever was. */
export async function peakMiB(pid: number): Promise<number> {
  return await statusMiB(pid, "VmHWM");
}

async function statusMiB(pid: number, field: string): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1] ?? Number.NaN) / 1024;
}
