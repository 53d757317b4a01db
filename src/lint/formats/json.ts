import type { LintReport } from "../lint.ts";

/** Findings as JSON, for programs: `{ findings, files, classes }`. */
export function formatJson({ findings, files, classes }: LintReport): string {
  return `${JSON.stringify({ findings, files, classes }, null, 2)}\n`;
}
