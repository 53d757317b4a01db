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
  const [judged = []] = await judgeEach([manifests]);
  return judged;
}

/** Judges several texts of manifests in one go: the judge takes longer to start than to judge. */
export async function judgeEach(texts: readonly string[]): Promise<readonly (readonly string[])[]> {
  const { python } = await ensureVenv();
  const directory = await mkdtemp(join(tmpdir(), "lk-manifests-"));
  try {
    const files = texts.map((_, index) => join(directory, `${index}.yaml`));
    await Promise.all(files.map((file, index) => writeFile(file, texts[index] ?? "")));
    const args = ["-m", "kubernetes_validate", "--kubernetes-version", version, "--strict", ...files];
    // It ends with an error where an object is wrong, and says the same lines.
    const told = await run(python, args).catch((error: { stdout: string; stderr: string }) => error);
    const lines = `${told.stdout}${told.stderr}`.split("\n");
    // A line that names no file is about all of them.
    const isOf = (line: string, file: string) => line.includes(file) || !line.includes(directory);
    return files.map((file) =>
      lines.filter((line) => isOf(line, file)).flatMap((line) => lineOf(line.replace(file, ""))),
    );
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
