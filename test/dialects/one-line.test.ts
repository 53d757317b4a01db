import { describe, expect, it } from "vitest";
import type { DialectName } from "../../src/dialects/index.ts";
import { type Parameters, problemsOf } from "./plan-of.ts";

const resource = "projects/p/secrets/s/versions/1";
const azure = (entry: string): Parameters => ({
  keyvaultName: "shop",
  tenantID: "t",
  objects: `array:\n  - |\n${entry.replace(/^/gm, "    ")}`,
});

/** A word with a control character in it, and whose line the problem names. */
const rows: readonly (readonly [dialect: DialectName, subject: string, parameters: Parameters])[] = [
  ["gcp", "auth", { auth: "pod\nadc", secrets: "[]" }],
  ["gcp", "secrets[0].path", { secrets: `- {resourceName: ${resource}, path: "a\\nb"}` }],
  ["gcp", "secrets[0].fileName", { secrets: `- {resourceName: ${resource}, fileName: "a\\tb"}` }],
  ["gcp", "secrets[0].extractJSONKey", { secrets: `- {resourceName: ${resource}, path: a, extractJSONKey: "k\\nl"}` }],
  ["gcp", "secrets[0].extractYAMLKey", { secrets: `- {resourceName: ${resource}, path: a, extractYAMLKey: "k\\0"}` }],
  ...["keyvaultName", "tenantID", "clientID", "cloudName", "cloudEnvFileName", "userAssignedIdentityID"].map(
    (name): readonly [DialectName, string, Parameters] => [
      "azure",
      name,
      { ...azure("objectName: a\nobjectType: secret\n"), [name]: "a\u0000b" },
    ],
  ),
  ...["objectName", "objectType", "objectAlias", "objectVersion", "objectFormat", "filePermission"].map(
    (name): readonly [DialectName, string, Parameters] => [
      "azure",
      `objects.array[0].${name}`,
      azure(
        `${`objectName: a\nobjectType: secret\n`.replace(new RegExp(`^${name}: .*\n`, "m"), "")}${name}: "a\\rb"\n`,
      ),
    ],
  ),
];

describe("a control character in a name or setting", () => {
  it.each(rows)("is refused by %s: %s", async (dialect, subject, parameters) => {
    expect(await problemsOf(dialect, parameters)).toContain(
      `LK0003 ${subject}: it holds a line break or another control character. Fix: write it on one line, without such characters`,
    );
  });

  it("is refused at the end of a key, where a block of text puts it", async () => {
    for (const field of ["extractJSONKey", "extractYAMLKey"]) {
      const secrets = `- resourceName: ${resource}\n  path: a\n  ${field}: |\n    k\n`;
      expect(await problemsOf("gcp", { secrets })).toEqual([
        `LK0003 secrets[0].${field}: it ends with a line break. Fix: write it on the line of its name, without | or >`,
      ]);
    }
  });
});
