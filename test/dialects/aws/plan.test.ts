import { describe, expect, it } from "vitest";
import type { Plan } from "../../../src/plan/plan.ts";
import { type Parameters, planOf, type Surroundings } from "../plan-of.ts";

const type = "objectType: secretsmanager";

function plan(objects: string, parameters: Parameters = {}, around?: Surroundings): Promise<Plan> {
  return planOf("aws", { region: "eu-west-1", objects, ...parameters }, around);
}

async function paths(objects: string, parameters: Parameters = {}): Promise<readonly string[]> {
  return (await plan(objects, parameters)).outputs.map((output) => output.path);
}

describe("the aws dialect", () => {
  it("plans the document that users have", async () => {
    const objects = `
      - objectName: "prod/stripe"
        objectType: "secretsmanager"
        objectAlias: "stripe.json"
    `;
    expect(await plan(objects)).toEqual({
      secrets: [
        {
          id: "secret-0",
          subject: 'object "prod/stripe" as "stripe.json"',
          source: {
            store: "aws-secrets-manager",
            settings: { region: "eu-west-1", identity: { by: "webIdentity", roleArn: undefined } },
            ref: {
              service: "secretsmanager",
              secretId: "prod/stripe",
              versionId: undefined,
              versionStage: undefined,
            },
          },
        },
      ],
      outputs: [
        {
          path: "stripe.json",
          mode: 0o644,
          from: "secret-0",
          subject: 'object "prod/stripe" as "stripe.json"',
          select: { of: "value", steps: [] },
          version: { by: "store" },
        },
      ],
      warnings: [],
    });
  });

  for (const objects of ["[]", "[ ] # nothing", "---\n[]\n"]) {
    it(`makes an empty plan of ${JSON.stringify(objects)}`, async () => {
      expect(await plan(objects)).toEqual({ secrets: [], outputs: [], warnings: [] });
    });
  }

  it("takes region and role from the SecretProviderClass, the region else from the operator", async () => {
    const settings = async (parameters: Parameters) =>
      (await planOf("aws", { objects: `- {objectName: a, ${type}}`, ...parameters }, { aws: { region: "us-east-1" } }))
        .secrets[0]?.source.settings;
    const identity = { by: "webIdentity", roleArn: undefined };
    expect(await settings({})).toEqual({ region: "us-east-1", identity });
    expect(await settings({ region: "" })).toEqual({ region: "us-east-1", identity });
    expect(await settings({ region: "eu-west-1", roleArn: "arn:aws:iam::123456789012:role/shop" })).toEqual({
      region: "eu-west-1",
      identity: { by: "webIdentity", roleArn: "arn:aws:iam::123456789012:role/shop" },
    });
  });

  it("sends version and label, and asks once for equal objects", async () => {
    const objects = `
      - {objectName: a, ${type}, objectAlias: one}
      - {objectName: a, ${type}, objectAlias: two}
      - {objectName: a, ${type}, objectAlias: three, objectVersionLabel: AWSPREVIOUS}
      - {objectName: a, ${type}, objectAlias: four, objectVersion: 3, objectVersionLabel: x}
    `;
    expect((await plan(objects)).secrets.map(({ subject, source }) => [subject, source.ref])).toEqual([
      [
        'object "a" as "one", object "a" as "two"',
        { service: "secretsmanager", secretId: "a", versionId: undefined, versionStage: undefined },
      ],
      [
        'object "a" as "three"',
        { service: "secretsmanager", secretId: "a", versionId: undefined, versionStage: "AWSPREVIOUS" },
      ],
      ['object "a" as "four"', { service: "secretsmanager", secretId: "a", versionId: "3", versionStage: "x" }],
    ]);
  });

  it("reads fields as Go does: names in any case, YAML 1.1 scalars as text, the last of duplicates", async () => {
    const objects = `
      - {ObjectName: 0123, OBJECTTYPE: secretsmanager, objectVersion: 1.10}
      - {objectName: yes, ${type}, objectVersion: null, backupArn: x}
      - {objectName: a, objectName: b, ${type}}
    `;
    expect((await plan(objects)).secrets.map(({ source }) => source.ref)).toEqual([
      { service: "secretsmanager", secretId: "83", versionId: "1.1", versionStage: undefined },
      { service: "secretsmanager", secretId: "true", versionId: undefined, versionStage: undefined },
      { service: "secretsmanager", secretId: "b", versionId: undefined, versionStage: undefined },
    ]);
  });

  const arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/stripe-AbCdEf";
  it("knows the type of an ARN", async () => {
    expect(await paths(`- {objectName: "${arn}"}`)).toEqual([arn.replace("/", "_")]);
    expect(await paths(`- {objectName: "${arn}", ${type}}`)).toEqual([arn.replace("/", "_")]);
  });

  const translations: readonly (readonly [translation: string | undefined, name: string, path: string])[] = [
    [undefined, "a/b", "a_b"],
    ["", "/a/b", "_a_b"],
    ["-", "/a/b", "-a-b"],
    ["$", "a/b", "a$b"],
    ["/", "a/b", "a/b"],
    ["False", "//a/b", "a/b"],
    ["FALSE", "a:b", "a:b"],
    ["_", "x..a/b..", "x..a_b.."],
    ["_", "a/../b", "a_.._b"],
  ];
  for (const [translation, name, path] of translations) {
    it(`makes ${path} of ${name} with pathTranslation ${JSON.stringify(translation)}`, async () => {
      const parameters: Parameters = translation === undefined ? {} : { pathTranslation: translation };
      expect(await paths(`- {objectName: "${name}", ${type}}`, parameters)).toEqual([path]);
    });
  }

  const modes: readonly (readonly [text: string, mode: number])[] = [
    ['"0400"', 0o400],
    ['"0777"', 0o777],
    ['"4755"', 0o755],
    ["1000", 0],
    ["''", 0o440],
    ["null", 0o440],
  ];
  for (const [text, mode] of modes) {
    it(`makes mode ${mode.toString(8)} of filePermission ${text}`, async () => {
      const { outputs } = await plan(`- {objectName: a, ${type}, filePermission: ${text}}`, {}, { mode: 0o440 });
      expect(outputs[0]?.mode).toBe(mode);
    });
  }

  it("says what is odd of a filePermission, of files and of single values", async () => {
    const jmes = '{path: p, objectAlias: b, filePermission: "0204"}';
    const objects = [
      `- {objectName: a, ${type}, filePermission: "0420", jmesPath: [${jmes}]}`,
      `- {objectName: c, ${type}, filePermission: "4755"}`,
      `- {objectName: d, ${type}, filePermission: "0440"}`,
    ].join("\n");
    expect((await plan(objects)).warnings.map(({ text }) => text)).toEqual([
      'object "a": filePermission "0420" lets users write or execute who cannot read, or gives others more than the owner; if you mean 420 as a decimal number, write "0644"',
      'object "a", jmesPath "p": filePermission "0204" lets users write or execute who cannot read, or gives others more than the owner',
      'object "c": only the last three digits of filePermission "4755" are used, 0755',
    ]);
    const many = Array.from({ length: 50 }, (_, at) => `- {objectName: o${at}, ${type}, filePermission: "0420"}`);
    const { warnings } = await plan(many.join("\n"));
    expect([warnings.length, warnings.at(-1)?.text]).toEqual([11, "40 more objects have such a filePermission"]);
  });

  it("lets the last of two objects with one file name win, fetches only that one, and says so", async () => {
    const { secrets, outputs, warnings } = await plan(`[{objectName: a/b, ${type}}, {objectName: a_b, ${type}}]`);
    expect([secrets.length, outputs.map(({ path, subject }) => [path, subject])]).toEqual([
      1,
      [["a_b", 'object "a_b"']],
    ]);
    expect(warnings.map(({ text }) => text)).toEqual([
      'object "a/b" is left out: object "a_b" is written to the same file "a_b"',
    ]);
  });

  it("takes empty lists and maps for nothing, and a false usePodIdentity", async () => {
    const objects = `- {objectName: a, ${type}, jmesPath: [], failoverObject: {}}`;
    expect(await paths(objects, { usePodIdentity: "0", failoverRegion: "", preferredAddressType: "x" })).toEqual(["a"]);
  });

  it("keeps names that objects of JavaScript have", async () => {
    expect(await paths(`[{objectName: __proto__, ${type}}, {objectName: constructor, ${type}}]`)).toEqual([
      "__proto__",
      "constructor",
    ]);
  });
});
