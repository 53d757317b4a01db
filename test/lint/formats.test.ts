import { describe, expect, it } from "vitest";
import type { Finding } from "../../src/lint/finding.ts";
import { formatGithub } from "../../src/lint/formats/github.ts";
import { formatHuman } from "../../src/lint/formats/human.ts";
import { formatJson } from "../../src/lint/formats/json.ts";
import { formatSarif } from "../../src/lint/formats/sarif.ts";

const error: Finding = {
  severity: "error",
  id: "LK0003",
  file: "charts/a b,c.yaml",
  line: 7,
  column: 3,
  object: "SecretProviderClass shop/web",
  subject: "secrets[0].files[0].mode",
  message: '"100%" is not a file mode',
  fix: "write octal:\n0440",
};

const warning: Finding = {
  severity: "warning",
  id: "stale-subpath",
  file: "/abs/b.yaml",
  line: 1,
  column: 1,
  object: "",
  message: "\u001b[31mred\u202e",
};

const report = { findings: [error, warning], files: 2, classes: 1, others: 0 };

describe("a report of lint", () => {
  it("for people has a line for each finding, and nothing in it steers the terminal", () => {
    expect(formatHuman(report, (_, text) => text)).toBe(
      [
        'charts/a b,c.yaml:7:3: error LK0003 SecretProviderClass shop/web, secrets[0].files[0].mode: "100%" is not a file mode',
        "  fix: write octal:?0440",
        "/abs/b.yaml:1:1: warning stale-subpath ?[31mred?",
        "1 error, 1 warning in 1 SecretProviderClass of 2 files",
        "",
      ].join("\n"),
    );
  });

  it("says for people where there was nothing to check", () => {
    const none = { findings: [], files: 2, classes: 0 };
    const plain = (_: string, text: string) => text;
    expect(formatHuman({ ...none, others: 3 }, plain)).toBe("no SecretProviderClass in 3 objects of 2 files\n");
    expect(formatHuman({ ...none, files: 1, others: 1 }, plain)).toBe("no SecretProviderClass in 1 object of 1 file\n");
    expect(formatHuman({ ...none, findings: [warning], others: 3 }, plain)).toMatch(
      /\n1 warning; no SecretProviderClass in 3 objects of 2 files\n$/,
    );
  });

  it("in JSON holds the findings as they are", () => {
    expect(JSON.parse(formatJson(report))).toEqual(JSON.parse(JSON.stringify(report)));
  });

  it("for GitHub has a workflow command for each finding, escaped", () => {
    expect(formatGithub(report)).toBe(
      [
        "::error file=charts/a b%2Cc.yaml,line=7,col=3,title=LK0003::SecretProviderClass shop/web, secrets[0].files[0].mode: " +
          '"100%25" is not a file mode%0AFix: write octal:%0A0440',
        "::warning file=/abs/b.yaml,line=1,col=1,title=stale-subpath::\u001b[31mred\u202e",
        "",
      ].join("\n"),
    );
  });

  it("in SARIF names the rules that it uses, and the place of each result", () => {
    const log = JSON.parse(formatSarif(report, "1.2.3"));
    expect([log.version, log.runs.length]).toEqual(["2.1.0", 1]);
    const [{ tool, results, columnKind }] = log.runs;
    expect(columnKind).toBe("utf16CodeUnits");
    expect(tool.driver.semanticVersion).toBe("1.2.3");
    expect(tool.driver.rules).toEqual([
      { id: "LK0003", shortDescription: { text: "the SecretProviderClass is wrong" } },
      { id: "stale-subpath", shortDescription: { text: "a subPath mount is never updated" } },
    ]);
    expect(results).toEqual([
      {
        ruleId: "LK0003",
        ruleIndex: 0,
        level: "error",
        message: {
          text: 'SecretProviderClass shop/web, secrets[0].files[0].mode: "100%" is not a file mode. Fix: write octal:\n0440',
        },
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: "charts/a%20b%2Cc.yaml" },
              region: { startLine: 7, startColumn: 3 },
            },
          },
        ],
      },
      {
        ruleId: "stale-subpath",
        ruleIndex: 1,
        level: "warning",
        message: { text: "\u001b[31mred\u202e" },
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: "file:///abs/b.yaml" },
              region: { startLine: 1, startColumn: 1 },
            },
          },
        ],
      },
    ]);
  });
});
