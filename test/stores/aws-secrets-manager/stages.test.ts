import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AwsAsked, AwsRef } from "../../../src/stores/aws/types.ts";
import type { RecordedRequest } from "../../servers/scripted.ts";
import { parameter, type ScriptedAws, smAnswer, smError, startScriptedAws, textOf } from "../aws/scripted-aws.ts";
import type { Outcome } from "../outcomes.ts";

let aws: ScriptedAws;
beforeEach(async () => {
  aws = await startScriptedAws();
});
afterEach(() => aws.stop());

const stage = (versionStage?: string): AwsRef => ({
  service: "secretsmanager",
  secretId: "db",
  ...(versionStage === undefined ? {} : { versionStage }),
});

const together = (refs: readonly AwsRef[], optional: readonly AwsRef[] = []): AwsAsked => ({
  service: refs[0]?.service ?? "ssm",
  refs: refs.map((ref) => ({ ref, optional: optional.includes(ref) })),
});

/** The texts of all parts, or the error of the whole. */
async function read(asked: AwsAsked): Promise<readonly string[] | string> {
  const session = await aws.open();
  const [outcome] = await aws.read(session, asked as AwsRef);
  if (outcome?.ok !== true) return textOf(outcome);
  const parts = outcome.secret.together ?? [];
  return parts.map((secret) => (secret === undefined ? "absent" : textOf({ ok: true, secret } satisfies Outcome)));
}

const asked = () => aws.asked("GetSecretValue").map((body) => (body as { VersionStage?: string }).VersionStage ?? "-");

/** A secret that rotates after so many reads; before that it has the versions 1 and 0, then 2 and 1. */
function rotatingAfter(reads: number) {
  let count = 0;
  return ({ body }: RecordedRequest) => {
    const now = count < reads ? 1 : 2;
    count += 1;
    const version = String(now - Number(body.includes("AWSPREVIOUS")));
    return smAnswer({ SecretString: `value ${version}`, VersionId: version });
  };
}

describe("the stages of one secret", () => {
  const [current, previous] = [stage(), stage("AWSPREVIOUS")];

  test("are read one after the other, the current one first, whatever their order", async () => {
    aws.answer({ sm: rotatingAfter(9) });
    expect(await read(together([previous, current]))).toEqual(["value 0", "value 1"]);
    expect(asked()).toEqual(["-", "AWSPREVIOUS"]);
  });

  test("are all read once more when the secret rotates between them", async () => {
    aws.answer({ sm: rotatingAfter(1) });
    expect(await read(together([stage("AWSCURRENT"), previous]))).toEqual(["value 2", "value 1"]);
    expect(asked()).toEqual(["AWSCURRENT", "AWSPREVIOUS", "AWSCURRENT", "AWSPREVIOUS"]);
  });

  test("are taken as they are when both name one version again", async () => {
    aws.answer({ sm: smAnswer({ SecretString: "v", VersionId: "1" }) });
    expect(await read(together([current, previous]))).toEqual(["v", "v"]);
    expect(asked().length).toBe(4);
  });

  const parts: readonly [what: string, error: ReturnType<typeof smError>, optional: boolean, came: unknown][] = [
    [
      "an absent one that is needed",
      smError(400, "ResourceNotFoundException"),
      false,
      "LK0034 ResourceNotFoundException",
    ],
    ["an absent one that is optional", smError(400, "ResourceNotFoundException"), true, ["value 1", "absent"]],
    ["a denied one", smError(400, "AccessDeniedException"), true, "LK0033 AccessDeniedException"],
    ["one that cannot be had now", smError(500, "InternalServiceError"), true, "LK0030 InternalServiceError"],
    ["one that throttles", smError(400, "ThrottlingException"), true, "LK0031 ThrottlingException"],
  ];
  test.each(parts)("with %s", async (_, error, optional, came) => {
    const good = rotatingAfter(9);
    aws.answer({ sm: (request) => (request.body.includes("AWSPREVIOUS") ? error : good(request)) });
    expect(await read(together([current, previous], optional ? [previous] : []))).toEqual(came);
  });

  test("that are all absent are an absent secret", async () => {
    aws.answer({ sm: smError(400, "ResourceNotFoundException") });
    expect(await read(together([current, previous], [current, previous]))).toBe("LK0034 ResourceNotFoundException");
  });
});

describe("the labels of one parameter", () => {
  test("are read as one, an optional one may be absent", async () => {
    aws.answer({
      ssm: ({ body }) => {
        const { Names } = JSON.parse(body) as { Names: readonly string[] };
        const there = Names.filter((name) => !name.endsWith("none"));
        return smAnswer({
          Parameters: there.map((name) => ({ Name: "p", Value: `value of ${name}`, Version: 1 })),
          InvalidParameters: Names.filter((name) => name.endsWith("none")),
        });
      },
    });
    const [latest, label, none] = [parameter("p"), parameter("p", "live"), parameter("p", "none")];
    expect(await read(together([latest, label, none], [none]))).toEqual(["value of p", "value of p:live", "absent"]);
    expect(await read(together([latest, none]))).toBe("LK0034 InvalidParameters");
  });
});

describe("what is of one unit", () => {
  test("are the stages of a secret, and not its versions; labels, and not version numbers", async () => {
    const unitOf = (ref: AwsRef) => aws.store.together?.unitOf(ref);
    expect([stage(), stage("AWSPREVIOUS"), { ...stage(), versionId: "1" } as AwsRef].map(unitOf)).toEqual([
      "db",
      "db",
      undefined,
    ]);
    const joined = aws.store.together?.join([
      { ref: stage(), optional: false },
      { ref: stage("AWSPREVIOUS"), optional: true },
    ]);
    expect(joined && [aws.store.nameOf(joined), unitOf(joined)]).toEqual(["db and db, stage AWSPREVIOUS", undefined]);
  });
});
