import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AwsRef } from "../../../src/stores/aws/types.ts";
import type { RecordedRequest } from "../../servers/scripted.ts";
import { type ScriptedAws, secret, smAnswer, smError, startScriptedAws, textOf } from "../aws/scripted-aws.ts";

let aws: ScriptedAws;
beforeEach(async () => {
  aws = await startScriptedAws({ batch: true });
});
afterEach(() => aws.stop());

const isBatch = ({ headers }: RecordedRequest) => String(headers["x-amz-target"]).endsWith("BatchGetSecretValue");

/** A batch has all but `hidden`; a single read has all but `denied`. */
function everything(request: RecordedRequest) {
  const { SecretIdList, SecretId, NextToken } = JSON.parse(request.body);
  if (!isBatch(request)) {
    return SecretId === "denied"
      ? smError(400, "AccessDeniedException")
      : smAnswer(entry(`${SecretId} alone`, SecretId));
  }
  const names: string[] = SecretIdList.filter((name: string) => !/^(hidden|denied)$/.test(name));
  const half = Math.ceil(names.length / 2);
  const page = NextToken === undefined ? names.slice(0, half) : names.slice(half);
  const Errors = [{ SecretId: "denied", ErrorCode: "AccessDeniedException", Message: "CANARY" }];
  const more = NextToken === undefined && names.length > 1 ? { NextToken: "page-2" } : {};
  return smAnswer({ SecretValues: page.map((name) => entry(name, name)), Errors, ...more });
}

function entry(value: string, Name: string) {
  return { Name, ARN: `arn:${Name}`, SecretString: value, VersionId: `v-${Name}` };
}

const secrets = (...names: readonly string[]): readonly AwsRef[] => names.map(secret);

describe("with --aws-batch, secrets", () => {
  test("are read twenty by one request, page after page, in their order", async () => {
    aws.answer({ sm: everything });
    const names = Array.from({ length: 25 }, (_, at) => `s${at}`);
    const outcomes = await aws.read(await aws.open(), ...secrets(...names));
    expect(outcomes.map(textOf)).toEqual(names);
    expect(outcomes[3]).toMatchObject({ ok: true, secret: { version: "v-s3" } });
    const asked = aws.asked("BatchGetSecretValue");
    expect(asked).toEqual([
      { SecretIdList: names.slice(0, 20) },
      { SecretIdList: names.slice(20) },
      { SecretIdList: names.slice(0, 20), NextToken: "page-2" },
      { SecretIdList: names.slice(20), NextToken: "page-2" },
    ]);
    expect(aws.asked("GetSecretValue")).toEqual([]);
  });

  test("that a batch does not give are read alone, which tells the cause", async () => {
    aws.answer({ sm: everything });
    const outcomes = await aws.read(await aws.open(), ...secrets("a", "hidden", "denied", "b"));
    expect(outcomes.map(textOf)).toEqual(["a", "hidden alone", "LK0033 AccessDeniedException", "b"]);
    expect(outcomes.every((outcome) => outcome.ok || !outcome.error.describe().includes("CANARY"))).toBe(true);
  });

  test("of other versions, and single ones, are read alone", async () => {
    aws.answer({ sm: everything });
    const pinned = { service: "secretsmanager", secretId: "a", versionId: "v" } as const;
    const staged = { service: "secretsmanager", secretId: "a", versionStage: "AWSPREVIOUS" } as const;
    const session = await aws.open();
    expect((await aws.read(session, pinned, staged)).map(textOf)).toEqual(["a alone", "a alone"]);
    expect((await aws.read(session, secret("b"))).map(textOf)).toEqual(["b alone"]);
    expect(aws.asked("BatchGetSecretValue")).toEqual([]);
  });

  test("are read one by one from then on where the role may not do it, over logins too", async () => {
    aws.answer({
      sm: (request) => (isBatch(request) ? smError(400, "AccessDeniedException") : everything(request)),
    });
    for (let round = 0; round < 2; round += 1) {
      const outcomes = await aws.read(await aws.open(), ...secrets("a", "b"));
      expect(outcomes.map(textOf)).toEqual(["a alone", "b alone"]);
    }
    expect(aws.asked("BatchGetSecretValue").length).toBe(1);
  });

  test("are read one by one only for the identity that was denied", async () => {
    const agent = { body: { AccessKeyId: "A", SecretAccessKey: "B", Token: "C" } };
    aws.answer({
      agent,
      sm: (request) => (isBatch(request) ? smError(400, "AccessDeniedException") : everything(request)),
    });
    const byPod = { region: "eu-west-1", identity: { by: "podIdentity", address: "auto" } } as const;
    for (const serviceAccount of ["web", "web", "other"]) {
      await aws.read(await aws.open(byPod, undefined, serviceAccount), ...secrets("a", "b"));
    }
    expect(aws.asked("BatchGetSecretValue").length).toBe(2);
  });

  test("are asked for once each, and one by one where one of them cannot be asked for", async () => {
    aws.answer({ sm: (request) => (isBatch(request) ? smError(400, "ValidationException") : everything(request)) });
    const current = { service: "secretsmanager", secretId: "a", versionStage: "AWSCURRENT" } as const;
    const session = await aws.open();
    const outcomes = await aws.read(session, secret("a"), current, secret("denied"));
    expect(outcomes.map(textOf)).toEqual(["a alone", "a alone", "LK0033 AccessDeniedException"]);
    await aws.read(session, ...secrets("a", "b"));
    expect(aws.asked("BatchGetSecretValue")).toEqual([{ SecretIdList: ["a", "denied"] }, { SecretIdList: ["a", "b"] }]);
  });

  test.each([
    ["ThrottlingException", 400, "LK0031 ThrottlingException"],
    ["InternalServiceError", 500, "LK0030 InternalServiceError"],
    ["ExpiredTokenException", 400, "LK0032 ExpiredTokenException"],
  ])("fail together where %s ends the batch", async (code, status, said) => {
    aws.answer({ sm: (request) => (isBatch(request) ? smError(status, code) : everything(request)) });
    const outcomes = await aws.read(await aws.open(), ...secrets("a", "b"));
    expect(outcomes.map(textOf)).toEqual([said, said]);
    expect(aws.asked("GetSecretValue")).toEqual([]);
  });
});

describe("without --aws-batch, secrets", () => {
  test("are read one by one", async () => {
    const plain = await startScriptedAws();
    plain.answer({ sm: everything });
    const outcomes = await plain.read(await plain.open(), ...secrets("a", "b"));
    expect([outcomes.map(textOf), plain.asked("BatchGetSecretValue")]).toEqual([["a alone", "b alone"], []]);
    await plain.stop();
  });
});
