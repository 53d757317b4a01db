import { describe, expect, it } from "vitest";
import { classOf, lintText } from "./lint-of.ts";

const vault = classOf("vault", { roleName: "r", vaultAddress: "https://v" });
const native = classOf("latchkey", { stores: 'v: { kind: vault, address: "https://v", role: r }\n#\n' });
const aws = classOf("aws", { region: "eu-west-1" });

/** Returns what lint says, with places. */
async function said(text: string): Promise<readonly string[]> {
  const { findings } = await lintText(text);
  return findings.map(
    ({ line, column, id, message, fix }) => `${line}:${column} ${id} ${message}${fix === undefined ? "" : `: ${fix}`}`,
  );
}

const list = (name: string, line: number, column = 7) =>
  `${line}:${column} bad-class parameter "${name}" must be text, not a list: write ${name}: | and keep the list below it`;

describe("lint of a parameter that is not text", () => {
  it.each([
    ["a list of vault", `${vault}    objects:\n      - { objectName: a, secretPath: b }\n`, [list("objects", 10)]],
    [
      "a list at the key's own indent",
      `${vault}    objects:\n    - { objectName: a, secretPath: b }\n`,
      [list("objects", 10, 5)],
    ],
    ["a list in brackets", `${vault}    objects: [{ objectName: a, secretPath: b }]\n`, [list("objects", 9, 14)]],
    [
      "a list of aws",
      `${aws}    objects:\n      - objectName: a\n        objectType: secretsmanager\n`,
      [list("objects", 9)],
    ],
    [
      "a list of the native dialect",
      `${native}    secrets:\n      - { store: v, name: a, files: [{ path: b }] }\n`,
      [list("secrets", 11)],
    ],
    [
      "a map of the native dialect",
      `${classOf("latchkey", { secrets: "- { store: v, name: a, files: [{ path: b }] }\n" })}    stores:\n      v: { kind: vault, address: https://v, role: r }\n`,
      ['10:7 bad-class parameter "stores" must be text, not a map: write stores: | and keep the map below it'],
    ],
    [
      "a boolean",
      `${vault}    objects: |\n      - { objectName: a, secretPath: b }\n    vaultSkipTLSVerify: false\n`,
      ['11:25 bad-class parameter "vaultSkipTLSVerify" must be text: put the value in quotes'],
    ],
    [
      "a number",
      `${aws}    objects: "[]"\n    failoverRegion: 7\n`,
      [
        "6:3 empty-volume no secret is asked for: the pod gets an empty volume: list a secret, or take the volume out of the pod",
        '9:21 bad-class parameter "failoverRegion" must be text: put the value in quotes',
      ],
    ],
  ])("tells %s once", async (_, text, expected) => {
    expect(await said(text)).toEqual(expected);
  });

  it("finds at its line what is wrong inside of such a list", async () => {
    const text = `${vault}    objects:\n      - objectName: a\n        secretPath: b\n      - objectName: c\n        secretPath: d\n        secretKey: k\n        encoding: gzip\n`;
    expect(await said(text)).toEqual([
      list("objects", 10),
      '15:19 LK0003 invalid encoding type "gzip": write utf-8, base64 or hex',
    ]);
  });

  it.each([
    ["stores: |", "vault: { kind: vault, address: https://v, role: r }"],
    ["stores: |", "vault:\n      kind: vault\n    aws:\n      kind: aws-secrets-manager"],
    ["stores: >-", "a: []"],
    ["objects: |", "entry: { objectName: a }"],
  ])("says once that what follows %s must be indented below it", async (head, below) => {
    const text = `${classOf("latchkey", { secrets: '"[]"' })}    ${head}\n    ${below}\n`;
    const [name] = below.split(":");
    expect(await said(text)).toEqual([
      `9:5 bad-class "${name}" must be indented below \`${head}\`: indent it, and what follows it, by two spaces more`,
    ]);
  });

  it("takes an empty block before another text for what it is", async () => {
    expect(await said(`${native}    templates: |\n    secrets: "[]"\n`)).toEqual([
      expect.stringContaining("empty-volume"),
    ]);
  });
});
