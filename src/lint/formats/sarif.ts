import { pathToFileURL } from "node:url";
import { catalogue } from "../../errors.ts";
import { type Finding, rules } from "../finding.ts";
import type { LintReport } from "../lint-files.ts";

/**
 * Findings as SARIF 2.1.0, which code scanners of repositories take
 * (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html).
 */
export function formatSarif({ findings }: LintReport, version: string): string {
  const ids = [...new Set(findings.map(({ id }) => id))].sort();
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "latchkey", semanticVersion: version, rules: ids.map(ruleOf) } },
        columnKind: "utf16CodeUnits",
        results: findings.map((finding) => resultOf(finding, ids)),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function ruleOf(id: Finding["id"]) {
  const title = id in catalogue ? catalogue[id as keyof typeof catalogue].title : rules[id as keyof typeof rules];
  return { id, shortDescription: { text: title } };
}

function resultOf(
  { severity, id, file, line, column, object, subject, message, fix }: Finding,
  ids: readonly string[],
) {
  const about = [object, subject].filter((part) => part !== undefined && part !== "").join(", ");
  const text = `${about === "" ? "" : `${about}: `}${message}${fix === undefined ? "" : `. Fix: ${fix}`}`;
  return {
    ruleId: id,
    ruleIndex: ids.indexOf(id),
    level: severity,
    message: { text },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(file) },
          region: { startLine: line, startColumn: column },
        },
      },
    ],
  };
}

/** Relative to where the linter ran, so that a scanner finds the file in the repository. */
function uriOf(file: string): string {
  if (file.startsWith("/")) return pathToFileURL(file).href;
  return file.split("/").map(encodeURIComponent).join("/");
}
