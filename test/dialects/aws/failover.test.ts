import { describe, expect, it } from "vitest";
import { type ErrorId, ProviderError } from "../../../src/errors.ts";
import type { Wanted } from "../../../src/plan/plan.ts";
import { type Parameters, planOf, problemsOf } from "../plan-of.ts";

const type = "objectType: secretsmanager";
const regions = { region: "eu-west-1", failoverRegion: "eu-central-1" };
const arn = (region: string, service = "secretsmanager") => `arn:aws:${service}:${region}:1:secret:a`;

async function wanted(objects: string, parameters: Parameters = regions): Promise<readonly Wanted[]> {
  return (await planOf("aws", { ...parameters, objects })).secrets;
}

describe("failoverRegion", () => {
  it("is the source after the primary region, with the same role and ref", async () => {
    const roleArn = "arn:aws:iam::123456789012:role/shop";
    const object = `- {objectName: a, ${type}, objectVersion: v, objectVersionLabel: l}`;
    const ref = { service: "secretsmanager", secretId: "a", versionId: "v", versionStage: "l" };
    const identity = { by: "webIdentity", roleArn };
    expect(await wanted(object, { ...regions, roleArn })).toEqual([
      {
        id: "secret-0",
        subject: 'object "a"',
        source: { store: "aws-secrets-manager", settings: { region: "eu-west-1", identity }, ref },
        next: {
          sources: [{ store: "aws-secrets-manager", settings: { region: "eu-central-1", identity }, ref }],
          stale: "afterNext",
          tryNext: expect.any(Function),
          hedgeMs: 1_000,
        },
      },
    ]);
  });

  it("may be followed by others, in their order", async () => {
    const parameters = { ...regions, failoverRegions: "us-east-1, eu-central-1,ap-south-1" };
    const [secret] = await wanted(`- {objectName: a, ${type}}`, parameters);
    expect(secret?.next?.sources.map(({ settings }) => (settings as { region: string }).region)).toEqual([
      ...["eu-central-1", "us-east-1", "ap-south-1"],
    ]);
  });

  it("is no source where it is not set", async () => {
    const [secret] = await wanted(`- {objectName: a, ${type}}`, { region: "eu-west-1" });
    expect(secret?.next).toBeUndefined();
  });
});

describe("failoverObject", () => {
  const rows: readonly (readonly [what: string, object: string, ref: Record<string, string | undefined>])[] = [
    [
      "names another secret",
      `objectAlias: f, ${type}, failoverObject: {objectName: b}`,
      { secretId: "b", versionId: undefined, versionStage: undefined },
    ],
    [
      "names another label, in any case",
      `objectVersionLabel: l, ${type}, FAILOVEROBJECT: {ObjectVersionLabel: m}`,
      { secretId: "a", versionId: undefined, versionStage: "m" },
    ],
    [
      "names another version without a name, unchecked",
      `objectVersion: 1, ${type}, failoverObject: {objectVersion: 2, backupArn: x}`,
      { secretId: "a", versionId: "2", versionStage: undefined },
    ],
    [
      "names an ARN of the failover region",
      `objectAlias: f, ${type}, failoverObject: {objectName: "${arn("eu-central-1")}"}`,
      { secretId: arn("eu-central-1"), versionId: undefined, versionStage: undefined },
    ],
    ["is empty", `${type}, failoverObject: {}`, { secretId: "a", versionId: undefined, versionStage: undefined }],
    ["is null", `${type}, failoverObject: null`, { secretId: "a", versionId: undefined, versionStage: undefined }],
  ];
  it.each(rows)("%s", async (_, object, ref) => {
    const [secret] = await wanted(`- {objectName: a, ${object}}`);
    expect([secret?.source.ref, secret?.next?.sources[0].ref]).toEqual([
      expect.objectContaining({ secretId: "a" }),
      { service: "secretsmanager", ...ref },
    ]);
  });

  it.each([
    "objectVersion: 1, failoverObject: {objectVersionLabel: l}",
    "objectVersionLabel: l, failoverObject: {objectVersion: 1}",
  ])("without a name gives a parameter version and label, and the version counts, as today: %s", async (object) => {
    const [secret] = await wanted(`- {objectName: a, objectType: ssmparameter, ${object}}`);
    expect(secret?.next?.sources[0].ref).toEqual({ service: "ssm", name: "a", selector: "1" });
  });

  it("without a name counts for nothing where there is no failover region", async () => {
    const object = "objectType: ssmparameter, objectVersion: 1, failoverObject: {objectVersionLabel: l}";
    const [secret] = await wanted(`- {objectName: a, ${object}}`, { region: "eu-west-1" });
    expect([secret?.source.ref, secret?.next]).toEqual([{ service: "ssm", name: "a", selector: "1" }, undefined]);
  });

  it("keeps objects apart that are one in the primary region", async () => {
    const object = (alias: string, other: string) =>
      `- {objectName: a, ${type}, objectAlias: ${alias}, failoverObject: {objectName: ${other}}}`;
    const secrets = await wanted([object("x", "b"), object("w", "c"), object("z", "b")].join("\n"));
    expect(secrets.map(({ subject }) => subject)).toEqual([
      'object "a" as "x", object "a" as "z"',
      'object "a" as "w"',
    ]);
  });
});

describe("problems of failover", () => {
  const single = { region: "eu-west-1" };
  const named = (more: string) => `- {objectName: a, objectAlias: f, ${more}}`;
  const rows: readonly (readonly [what: string, parameters: Parameters, problems: readonly string[]])[] = [
    [
      "a region that would change the host",
      { ...single, failoverRegion: "evil.example/", objects: `- {objectName: a, ${type}}` },
      ['LK0003 failoverRegion: "evil.example/" is not a region. Fix: write one such as eu-west-1'],
    ],
    [
      "no alias",
      { ...regions, objects: `- {objectName: a, ${type}, failoverObject: {objectName: b}}` },
      [
        'LK0003 object "a": object alias must be specified for objects with failover entries: "a". Fix: give the object an objectAlias: its file has one name, whichever region answers',
      ],
    ],
    [
      "no failover region",
      { ...single, objects: named(`${type}, failoverObject: {objectName: b}`) },
      [
        'LK0003 object "a" as "f": failover object allowed only when failover region is defined: "a". Fix: set `failoverRegion`, or remove failoverObject',
      ],
    ],
    [
      "an ARN of the primary region",
      { ...regions, objects: named(`${type}, failoverObject: {objectName: "${arn("eu-west-1")}"}`) },
      [
        `LK0003 object "a" as "f": ARN region must match region eu-central-1: "${arn("eu-west-1")}". Fix: set \`failoverRegion\` to the region of the ARN`,
      ],
    ],
    [
      "a name next to an ARN without a type",
      {
        ...regions,
        objects: `- {objectName: "${arn("eu-west-1")}", objectAlias: f, failoverObject: {objectName: b}}`,
      },
      [
        `LK0003 object "${arn("eu-west-1")}" as "f": must use objectType when a full ARN is not specified: "b". Fix: write objectType: secretsmanager or ssmparameter`,
      ],
    ],
    [
      "an ARN of another type",
      { ...regions, objects: named(`${type}, failoverObject: {objectName: "${arn("eu-central-1", "ssm")}"}`) },
      [
        `LK0003 object "a" as "f": objectType does not match ARN: "${arn("eu-central-1", "ssm")}". Fix: correct objectType, or leave it out`,
      ],
    ],
    ...["objectVersion: 1, failoverObject: {objectName: b}", "failoverObject: {objectName: b, objectVersion: 1}"].map(
      (more): readonly [string, Parameters, readonly string[]] => [
        `other versions: ${more}`,
        { ...regions, objects: named(`${type}, ${more}`) },
        [
          'LK0003 object "a" as "f": object versions must match between primary and failover regions: "a". Fix: write the same objectVersion in both, or in neither',
        ],
      ],
    ),
    [
      "text where a map belongs",
      { ...regions, objects: named(`${type}, failoverObject: b`) },
      [
        "LK0003 objects[0].failoverObject: a map is needed, not text at line 1, column 79. Fix: write a map: { objectName: ... }",
      ],
    ],
    [
      "a list where text belongs",
      { ...regions, objects: `- {objectName: a, ${type}, failoverObject: {objectName: [b]}}` },
      [
        "LK0003 objects[0].failoverObject.objectName: text is needed, not a list at line 1, column 76. Fix: write one text, in quotes if it begins with a bracket",
      ],
    ],
  ];
  it.each(rows)("%s", async (_, parameters, problems) => {
    expect(await problemsOf("aws", parameters)).toEqual(problems);
  });
});

describe("the failover region is asked after", () => {
  const read = (id: ErrorId, storeCode?: string) => new ProviderError(id, "said", { storeCode });
  const login = (id: ErrorId, storeCode: string) => new ProviderError(id, "said", { storeCode, login: true });
  const rows: readonly (readonly [goesOn: boolean, error: ProviderError])[] = [
    [false, read("LK0034", "ResourceNotFoundException")],
    [false, read("LK0037", "InvalidParameterException")],
    [false, read("LK0037", "InvalidRequestException")],
    [false, read("LK0034", "InvalidRequestException")],
    [false, read("LK0033", "DecryptionFailure")],
    [false, login("LK0032", "ExpiredTokenException")],
    [false, login("LK0032", "InvalidIdentityToken")],
    [false, login("LK0030", "IDPCommunicationError")],
    [false, login("LK0032", "IDPRejectedClaim")],
    [false, login("LK0032", "RegionDisabledException")],
    [false, read("LK0033", "InvalidKeyId")],
    [false, read("LK0034", "InvalidParameters")],
    [false, login("LK0032", "agent 404")],
    [false, login("LK0031", "agent 429")],
    [false, new ProviderError("LK0011", "no token")],
    [false, new ProviderError("LK0014", "no annotation")],
    [true, login("LK0030", "agent 500")],
    [true, login("LK0031", "429")],
    [true, login("LK0036", "403")],
    [true, read("LK0033", "AccessDeniedException")],
    [true, login("LK0032", "AccessDenied")],
    [true, read("LK0031", "ThrottlingException")],
    [true, read("LK0037", "ValidationException")],
    [true, read("LK0032", "UnrecognizedClientException")],
    [true, read("LK0032", "ExpiredTokenException")],
    [true, read("LK0030", "InternalServiceError")],
    [true, read("LK0030", "503")],
    [true, read("LK0036")],
    [true, read("LK0030", "TIMEOUT")],
    [true, new ProviderError("LK0009", "the queue is full")],
  ];
  for (const [goesOn, error] of rows) {
    const { storeCode, login: atLogin } = error.details;
    it(`${error.id} ${storeCode ?? "without a code"}${atLogin ? " at STS" : ""}: ${goesOn}`, async () => {
      const [secret] = await wanted(`- {objectName: a, ${type}}`);
      expect(secret?.next?.tryNext(error)).toBe(goesOn);
    });
  }
});
