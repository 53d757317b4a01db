import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFile, mkdir, readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { buildEnvironment, buildFlags, ensureMade } from "./go-tool.ts";

const run = promisify(execFile);

/** A program of a Go module that lies in this repository, whose go.mod and go.sum pin all that it is made of. */
export interface GoModuleProgram {
  /** Of the program's file. */
  readonly name: string;
  /** The module's directory. */
  readonly directory: string;
  /** The package to build; default the module's own. */
  readonly package?: string;
  /** For the linker, beside `-s -w`. */
  readonly linkerFlags?: readonly string[];
  /** The least Go that builds it. */
  readonly go: string;
  /** Files of a required module that are put beside the program, by their paths in that module. */
  readonly files?: { readonly module: string; readonly paths: readonly string[] };
}

/**
 * The directory in `.cache/go` that holds the program and its files, made on first use and again when a file of the module
 * changes, which takes minutes. Throws an error of one line that says what to install or repair.
 */
export async function ensureGoModule(program: GoModuleProgram): Promise<string> {
  const { name, directory, go } = program;
  const version = await digestOf(program);
  return await ensureMade({ name, version, go }, async (fresh) => {
    const flags = ["-s", "-w", ...(program.linkerFlags ?? [])].join(" ");
    const args = ["build", ...buildFlags, "-ldflags", flags, "-o", join(fresh, name), program.package ?? "."];
    const env = { ...process.env, ...buildEnvironment };
    await run("go", args, { cwd: directory, env, maxBuffer: 64 * 1024 ** 2 });
    if (program.files !== undefined) await copyFiles(program.files, directory, fresh);
  });
}

/** Of all that decides what comes out. */
async function digestOf({ directory, linkerFlags = [] }: GoModuleProgram): Promise<string> {
  const hash = createHash("sha256").update(linkerFlags.join(" "));
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const path of paths.sort()) {
    hash.update(`${path.slice(directory.length)}\n`).update(await readFile(path));
  }
  return hash.digest("hex").slice(0, 12);
}

async function copyFiles(
  { module, paths }: NonNullable<GoModuleProgram["files"]>,
  directory: string,
  target: string,
): Promise<void> {
  const { stdout } = await run("go", ["list", "-m", "-f", "{{.Dir}}", module], { cwd: directory });
  await mkdir(join(target, "files"));
  for (const path of paths) await copyFile(join(stdout.trim(), path), join(target, "files", basename(path)));
}
