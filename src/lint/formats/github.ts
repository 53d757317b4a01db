import type { LintReport } from "../lint-files.ts";

/**
 * Workflow commands that GitHub shows beside the lines of a change
 * (https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions#setting-an-error-message).
 */
export function formatGithub({ findings }: LintReport): string {
  return findings
    .map(({ severity, id, file, line, column, object, subject, message, fix }) => {
      const place = `file=${property(file)},line=${line},col=${column},title=${property(id)}`;
      const about = [object, subject].filter((part) => part !== undefined && part !== "").join(", ");
      const text = `${about === "" ? "" : `${about}: `}${message}${fix === undefined ? "" : `\nFix: ${fix}`}`;
      return `::${severity} ${place}::${data(text)}\n`;
    })
    .join("");
}

/** A command ends with its line, so line ends are written otherwise. */
function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
