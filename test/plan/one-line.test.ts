import { describe, expect, it } from "vitest";
import type { DialectName } from "../../src/dialects/index.ts";
import { type Parameters, planOf, problemsOf } from "../dialects/plan-of.ts";

const ends = "it ends with a line break. Fix: write it on the line of its name, without | or >";
const holds = "it holds a line break or another control character. Fix: write it on one line, without such characters";

const vault = { roleName: "r", vaultAddress: "https://vault" };
const aws = { region: "eu-west-1" };
const native = {
  stores: "v: { kind: vault, address: https://vault, role: r }\na: { kind: aws-secrets-manager, region: eu-west-1 }",
};

/** An entry whose field is a block, as people write it who have seen one for `objects`. */
const block = (first: string, field: string) => `- ${first}\n  ${field}: |\n    x\n`;

const rows: readonly (readonly [dialect: DialectName, parameters: Parameters, problems: readonly string[]])[] = [
  ["vault", { ...vault, objects: block("secretPath: a", "objectName") }, [`objects[0].objectName: ${ends}`]],
  ["vault", { ...vault, objects: block("objectName: a", "secretPath") }, [`objects[0].secretPath: ${ends}`]],
  [
    "vault",
    { ...vault, objects: '- { objectName: "a\\tb", secretPath: "c\\u0085" }' },
    [`objects[0].objectName: ${holds}`, `objects[0].secretPath: ${holds}`],
  ],
  [
    "vault",
    { ...vault, objects: '- { objectName: a, secretPath: b, secretKey: "k\\n" }' },
    [`objects[0].secretKey: ${ends}`],
  ],
  [
    "vault",
    { ...vault, objects: '- { objectName: a, secretPath: b, secretNamespace: "n\\n" }' },
    [`objects[0].secretNamespace: ${ends}`],
  ],
  [
    "vault",
    { ...vault, objects: '- { objectName: a, secretPath: b, method: "GET\\n" }' },
    [`objects[0].method: ${ends}`],
  ],
  ["vault", { ...vault, roleName: "r\n", objects: "- { objectName: a, secretPath: b }" }, [`roleName: ${ends}`]],
  [
    "vault",
    { ...vault, vaultAddress: "https://vault\n", objects: "- { objectName: a, secretPath: b }" },
    [`vaultAddress: ${ends}`],
  ],
  [
    "vault",
    { ...vault, vaultAuthMountPath: "k\n", objects: "- { objectName: a, secretPath: b }" },
    [`vaultAuthMountPath: ${ends}`],
  ],
  ["vault", { ...vault, audience: "v\n", objects: "- { objectName: a, secretPath: b }" }, [`audience: ${ends}`]],
  [
    "openbao",
    { baoRoleName: "r\n", baoAddress: "https://b\n", objects: "- { objectName: a, secretPath: b }" },
    [`baoAddress: ${ends}`, `baoRoleName: ${ends}`],
  ],
  ["aws", { ...aws, objects: block("objectType: secretsmanager", "objectName") }, [`objects[0].objectName: ${ends}`]],
  [
    "aws",
    {
      ...aws,
      objects: block("objectName: a\n  objectType: secretsmanager", "objectAlias"),
    },
    [`objects[0].objectAlias: ${ends}`],
  ],
  [
    "aws",
    { ...aws, objects: '- { objectName: a, objectType: ssmparameter, objectVersionLabel: "l\\n" }' },
    [`objects[0].objectVersionLabel: ${ends}`],
  ],
  [
    "aws",
    {
      ...aws,
      objects: '- { objectName: a, objectType: secretsmanager, jmesPath: [{ path: p, objectAlias: "b\\n" }] }',
    },
    [`objects[0].jmesPath[0].objectAlias: ${ends}`],
  ],
  [
    "aws",
    {
      ...aws,
      failoverRegion: "eu-central-1",
      objects:
        '- { objectName: a, objectType: secretsmanager, objectAlias: x, failoverObject: { objectName: "b\\n" } }',
    },
    [`objects[0].failoverObject.objectName: ${ends}`],
  ],
  ["aws", { region: "eu-west-1\n", objects: "[]" }, [`region: ${ends}`]],
  [
    "aws",
    { ...aws, usePodIdentity: "true", preferredAddressType: "ipv6\n", objects: "[]" },
    [`preferredAddressType: ${ends}`],
  ],
  ["aws", { ...aws, pathTranslation: "False\n", objects: "[]" }, [`pathTranslation: ${ends}`]],
  [
    "latchkey",
    { ...native, secrets: '- { store: v, name: "a\\n", files: [{ path: f }] }' },
    [`secrets[0].name: ${ends}`],
  ],
  [
    "latchkey",
    { ...native, secrets: '- { store: v, name: a, files: [{ path: "f\\n", key: "k\\n" }] }' },
    [`secrets[0].files[0].path: ${ends}`, `secrets[0].files[0].key: ${ends}`],
  ],
  [
    "latchkey",
    {
      ...native,
      secrets: '- { store: v, name: a, expand: { path: "d\\n", include: "^a$\\n", rename: { a: "b\\n" } } }',
    },
    [`secrets[0].expand.path: ${ends}`, `secrets[0].expand.include: ${ends}`, `secrets[0].expand.rename.a: ${ends}`],
  ],
  [
    "latchkey",
    { ...native, secrets: '- { store: v, find: { prefix: "secret/data/\\u0007x/" }, expand: {} }' },
    [`secrets[0].find.prefix: ${holds}`],
  ],
  [
    "latchkey",
    {
      ...native,
      secrets:
        '- { store: a, name: a, versionStage: "S\\n", files: [{ path: f }], fallback: [{ store: v, name: "b\\n" }] }',
    },
    [`secrets[0].versionStage: ${ends}`, `secrets[0].fallback[0].name: ${ends}`],
  ],
  [
    "latchkey",
    { stores: 'v: { kind: vault, address: ["https://a\\n"], role: "r\\n" }', secrets: "[]" },
    [`stores.v.address[0]: ${ends}`, `stores.v.role: ${ends}`],
  ],
  [
    "latchkey",
    { stores: '"v\\n": { kind: vault, address: "https://a", role: r }', secrets: "[]" },
    [`stores."v\\n": ${ends}`],
  ],
  [
    "latchkey",
    { ...native, secrets: "[]", templates: '- { path: "f\\n", content: "x\\n" }' },
    [`templates[0].path: ${ends}`],
  ],
  [
    "latchkey",
    {
      ...native,
      secrets: "- { store: v, name: a, files: [{ path: f }] }",
      kubernetesSecrets: '- { name: "n\\n", data: { k: { file: "f\\n" } } }',
    },
    [`kubernetesSecrets[0].name: ${ends}`, `kubernetesSecrets[0].data.k.file: ${ends}`],
  ],
];

describe("a name with control characters", () => {
  it.each(rows)("in the dialect %s: %j", async (dialect, parameters, problems) => {
    expect(await problemsOf(dialect, parameters)).toEqual(problems.map((problem) => `LK0003 ${problem}`));
  });

  it("is told where it stands", async () => {
    const parameters = { ...vault, objects: block("secretPath: a", "objectName") };
    await expect(planOf("vault", parameters)).rejects.toMatchObject({
      details: { at: { parameter: "objects", line: 2, column: 15 } },
    });
  });
});

describe("text that may have several lines", () => {
  const long = "|\n    a\n    b\n";
  const fine: readonly (readonly [dialect: DialectName, parameters: Parameters])[] = [
    [
      "vault",
      { ...vault, objects: '- objectName: a\n  secretPath: b\n  secretArgs: { csr: "a\\nb" }\n  unknown: |\n    x\n' },
    ],
    ["vault", { ...vault, objects: "- { objectName: a, secretPath: b }\n", note: "two\nlines" }],
    [
      "aws",
      {
        ...aws,
        objects:
          "- objectName: a\n  objectType: secretsmanager\n  jmesPath:\n    - path: |\n        db.password\n      objectAlias: p\n",
      },
    ],
    [
      "latchkey",
      {
        ...native,
        secrets: `- store: v\n  name: a\n  default: ${long}  args: { csr: "a\\nb" }\n  files:\n    - path: f\n      jmesPath: |\n        {a: a,\n         b: b}\n`,
      },
    ],
    ["latchkey", { ...native, secrets: "[]", templates: `- path: f\n  content: ${long}` }],
  ];
  it.each(fine)("is fine in the dialect %s: %j", async (dialect, parameters) => {
    expect(await problemsOf(dialect, parameters)).toEqual([]);
  });
});
