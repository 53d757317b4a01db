import { describe, expect, it } from "vitest";
import type { DialectName } from "../../src/dialects/index.ts";
import { ProviderError } from "../../src/errors.ts";
import { type Parameters, planOf } from "./plan-of.ts";

/** Where the problems of parameters stand: parameter, line and column, as tools get them. */
async function placesOf(name: DialectName, parameters: Parameters): Promise<readonly string[]> {
  const thrown = await planOf(name, parameters).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof ProviderError)) throw new Error("nothing is wrong");
  const problems = thrown.problems.length === 0 ? [thrown] : thrown.problems;
  return problems.map(({ details: { at } }) =>
    [at?.parameter, at?.line, at?.column].filter((part) => part !== undefined).join(":"),
  );
}

const stores = 'vault: { kind: vault, address: "https://v:8200", role: r }';
const type = "objectType: secretsmanager";

const cases: readonly (readonly [
  what: string,
  name: DialectName,
  parameters: Parameters,
  places: readonly string[],
])[] = [
  ["an unknown parameter", "latchkey", { stores, secrets: "[]", "sec rets": "" }, ["sec rets"]],
  ["a parameter that is no YAML", "latchkey", { stores, secrets: "- a\n- [" }, ["secrets:2:3"]],
  [
    "an unknown field",
    "latchkey",
    { stores, secrets: "- store: vault\n  name: a\n  filez: []" },
    ["secrets:3:3", "secrets:1:3"],
  ],
  [
    "a setting of a store",
    "latchkey",
    { stores: "v:\n  kind: vault\n  role: r\n  address: 7", secrets: "[]" },
    ["stores:4:3"],
  ],
  [
    "a file's path",
    "latchkey",
    { stores, secrets: "- store: vault\n  name: a\n  files:\n    - path: ../x" },
    ["secrets:4:13"],
  ],
  ["a missing role", "vault", { objects: "[{ objectName: a, secretPath: b }]" }, ["roleName"]],
  ["a path of an object", "vault", { roleName: "r", objects: "- objectName: a//b\n  secretPath: b" }, ["objects:1:15"]],
  [
    "a wrong field of an object",
    "vault",
    { roleName: "r", objects: "- objectName: a\n  secretPath: b\n  method: G T" },
    ["objects:3:11"],
  ],
  [
    "a number in quotes",
    "vault",
    { roleName: "r", objects: '- objectName: a\n  filePermission: "0600"' },
    ["objects:2:19"],
  ],
  [
    "a name that appears twice",
    "openbao",
    { roleName: "r", objects: "- { objectName: a, secretPath: b }\n- { objectName: a, secretPath: b }" },
    ["objects:2:17"],
  ],
  [
    "a boolean",
    "vault",
    { roleName: "r", vaultSkipTLSVerify: "maybe", objects: "- { objectName: a, secretPath: b }" },
    ["vaultSkipTLSVerify"],
  ],
  ["a region", "aws", { region: "a b", objects: "[]" }, ["region"]],
  ["an empty item", "aws", { region: "r1", objects: `- {objectName: a, ${type}}\n-\n` }, ["objects:2:2"]],
  ["a missing name", "aws", { region: "r1", objects: `- ${type}` }, ["objects:1:3"]],
  ["a mode", "aws", { region: "r1", objects: `- objectName: a\n  ${type}\n  filePermission: 9` }, ["objects:3:19"]],
  [
    "an alias with a way out",
    "aws",
    { region: "r1", pathTranslation: "False", objects: `- objectName: a\n  objectAlias: ../a\n  ${type}` },
    ["objects:2:16"],
  ],
  [
    "an alias that appears twice",
    "aws",
    { region: "r1", objects: `- {objectName: a, objectAlias: x, ${type}}\n- {objectName: b, objectAlias: x, ${type}}` },
    ["objects:2:32"],
  ],
  [
    "a JMESPath",
    "aws",
    { region: "r1", objects: `- objectName: a\n  ${type}\n  jmesPath:\n    - path: "a["\n      objectAlias: b` },
    ["objects:4:13"],
  ],
  [
    "an object of the failover region",
    "aws",
    { region: "r1", objects: `- objectName: a\n  ${type}\n  objectAlias: x\n  failoverObject:\n    objectName: b` },
    ["objects:5:17"],
  ],
];

describe("a problem of a SecretProviderClass", () => {
  it.each(cases)("says where %s stands", async (_, name, parameters, places) => {
    expect(await placesOf(name, parameters)).toEqual(places);
  });
});
