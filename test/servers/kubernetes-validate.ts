import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ensureVenv } from "./venv.ts";

const run = promisify(execFile);

/** The API whose schemas judge. */
const version = "1.37";

/**
 * Judges manifests strictly by the Kubernetes API's own schemas: one line for each object, which says `ok DaemonSet...`,
 * what is wrong, or that there is no schema, as there is none for objects of other makers.
 */
export async function judgeManifests(manifests: string): Promise<readonly string[]> {
  const { python } = await ensureVenv();
  const directory = await mkdtemp(join(tmpdir(), "lk-manifests-"));
  try {
    const file = join(directory, "m.yaml");
    await writeFile(file, manifests);
    const args = ["-m", "kubernetes_validate", "--kubernetes-version", version, "--strict", file];
    // It ends with an error where an object is wrong, and says the same lines.
    const told = await run(python, args).catch((error: { stdout: string; stderr: string }) => error);
    return `${told.stdout}${told.stderr}`.split("\n").flatMap((line) => lineOf(line.replace(file, "")));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function lineOf(line: string): readonly string[] {
  const passed = /^INFO +passed for resource (\S+) /.exec(line)?.[1];
  if (passed !== undefined) return [`ok ${passed}`];
  const unknown = /^WARN +Couldn't find schema for kind (\S+) with api version (\S+) /.exec(line);
  if (unknown !== null) return [`no schema ${unknown[2]} ${unknown[1]}`];
  return line.trim() === "" ? [] : [line];
}
