import type { Finding } from "../finding.ts";
import type { LintReport } from "../lint-files.ts";

/** Paints a text; the identity where there is no colour. */
export type Paint = (style: "bold" | "dim" | "red" | "yellow" | "green", text: string) => string;

/** One line a finding, and its fix below. */
export function formatHuman(report: LintReport, paint: Paint): string {
  const { findings, files, classes } = report;
  const errors = findings.filter(({ severity }) => severity === "error").length;
  const counts = [count(errors, "error"), count(findings.length - errors, "warning")].filter((text) => text !== "");
  const verdict = counts.length === 0 ? paint("green", "no problems") : counts.join(", ");
  const nothing = nothingSeen(report);
  const seen = `${verdict} in ${classes} SecretProviderClass${classes === 1 ? "" : "es"} of ${count(files, "file")}`;
  const last = nothing === undefined ? seen : [...counts, nothing].join("; ");
  return `${[...findings.map((finding) => lineOf(finding, paint)), last].join("\n")}\n`;
}

/** Says that there was no SecretProviderClass to check; undefined where there was one. */
export function nothingSeen({ classes, others, files }: LintReport): string | undefined {
  if (classes > 0) return undefined;
  const seen = others === 0 ? count(files, "file") : `${count(others, "object")} of ${count(files, "file")}`;
  return `no SecretProviderClass in ${seen}`;
}

function lineOf(finding: Finding, paint: Paint): string {
  const { severity, id, file, line, column, message, fix } = finding;
  const level = paint(severity === "error" ? "red" : "yellow", severity);
  const about = aboutOf(finding);
  const head = `${paint("bold", `${printable(file)}:${line}:${column}`)}: ${level} ${id} ${about}${printable(message)}`;
  return fix === undefined ? head : `${head}\n  ${paint("dim", "fix:")} ${printable(fix)}`;
}

function aboutOf({ object, subject }: Finding): string {
  const parts = [object, subject].filter((part) => part !== undefined && part !== "");
  return parts.length === 0 ? "" : `${printable(parts.join(", "))}: `;
}

function count(number: number, what: string): string {
  return number === 0 ? "" : `${number} ${what}${number === 1 ? "" : "s"}`;
}

/** Names come from files of anybody: nothing in them may steer a terminal or turn the text around. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "?");
}
