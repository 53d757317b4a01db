import { ConfigError } from "../config/config-error.ts";
import { formatGithub } from "../lint/formats/github.ts";
import { formatHuman, nothingSeen } from "../lint/formats/human.ts";
import { formatJson } from "../lint/formats/json.ts";
import { formatSarif } from "../lint/formats/sarif.ts";
import { type LintFile, type LintReport, lintFiles } from "../lint/lint-files.ts";
import { loadDefaults } from "../node/load-config.ts";
import { readInput } from "./input-file.ts";
import { judgeSurroundings } from "./plan-surroundings.ts";
import { ownProgress } from "./progress.ts";
import { paintFor, print } from "./terminal.ts";

/** Flags of its own. */
export interface LintFlags {
  readonly format: "human" | "json" | "sarif" | "github";
  readonly warningsAsErrors?: boolean;
  readonly namespace: string;
  readonly [setting: string]: unknown;
}

/** Lints files and prints the report; gives the exit code: 0 clean, 1 problems or nothing to check, 2 a file that cannot be read, or standard input without any text. */
export async function lintFromShell(
  files: readonly string[],
  { format, namespace, warningsAsErrors = false }: LintFlags,
  settings: ReadonlyMap<string, string>,
  version: string,
): Promise<number> {
  const config = await loadDefaults({ flags: settings });
  const operatorKnown = config.config !== undefined;
  const surroundings = { ...judgeSurroundings(config, operatorKnown), namespace };
  const { read, unreadable } = await readAll(files);
  const progress = ownProgress();
  const report = await lintFiles(read, surroundings, (file, index) =>
    progress.say(`checking ${file} (${index + 1} of ${read.length})`),
  );
  progress.end();
  await print(formatted(report, format, version));
  const nothing = nothingSeen(report);
  if (nothing !== undefined && format !== "human") await print(`latchkey: ${nothing}\n`, process.stderr);
  for (const complaint of unreadable) await print(`latchkey: ${complaint}\n`, process.stderr);
  if (unreadable.length > 0) return 2;
  return report.findings.some(({ severity }) => warningsAsErrors || severity === "error") ? 1 : 0;
}

/** One file that cannot be read does not hide what is wrong with the others. */
async function readAll(files: readonly string[]) {
  const read: LintFile[] = [];
  const unreadable: string[] = [];
  for (const file of files) {
    try {
      const text = await readInput(file);
      // Otherwise a program that failed before the pipe would pass for one that is clean.
      if (file === "-" && text.trim() === "")
        throw new ConfigError(
          "-: standard input was empty, so nothing was checked; look at the command before the pipe",
        );
      read.push({ file, text });
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      unreadable.push(error.message);
    }
  }
  return { read, unreadable };
}

function formatted(report: LintReport, format: LintFlags["format"], version: string): string {
  switch (format) {
    case "json":
      return formatJson(report);
    case "sarif":
      return formatSarif(report, version);
    case "github":
      return formatGithub(report);
    case "human":
      return formatHuman(report, paintFor(process.stdout));
  }
}
