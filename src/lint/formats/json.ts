import type { LintReport } from "../lint-files.ts";

/** Findings as JSON, for programs: `{ findings, files, classes, others }`. */
export function formatJson({ findings, files, classes, others }: LintReport): string {
  return `${JSON.stringify({ findings, files, classes, others }, null, 2)}\n`;
}
