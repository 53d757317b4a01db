import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ProviderError } from "../../../src/errors.ts";
import { foreignAnswers } from "../../servers/foreign-answers.ts";
import type { Answer } from "../../servers/scripted.ts";
import {
  goodCredentials,
  podToken,
  roleArn,
  type ScriptedAws,
  sessionToken,
  smAnswer,
  smError,
  startScriptedAws,
  stsAnswer,
  stsError,
} from "../aws/scripted-aws.ts";

const html: Answer = { headers: { "content-type": "text/html" }, body: "<html>CANARY</html>" };
const htmlWith = (status: number): Answer => ({ ...(html as object), status });
const large: Answer = { body: Buffer.alloc(9 * 1024 * 1024, "x") };
const without = (name: string) => goodCredentials.replace(new RegExp(`<${name}>.*</${name}>`), "");

const reads: readonly [what: string, answer: Answer, id: string][] = [
  ["no body", smAnswer(""), "LK0036"],
  ["an empty object", smAnswer("{}"), "LK0036"],
  ["null", smAnswer("null"), "LK0036"],
  ["a list", smAnswer('["CANARY"]'), "LK0036"],
  ["garbage", smAnswer("CANARY {"), "LK0036"],
  ["cut JSON", smAnswer('{"SecretString":"CANARY'), "LK0036"],
  ["HTML", html, "LK0030"],
  ["a SecretString that is a number", smAnswer({ SecretString: 5 }), "LK0036"],
  ["a SecretString that is an object", smAnswer({ SecretString: { a: "CANARY" } }), "LK0036"],
  ["a SecretBinary that is a number", smAnswer({ SecretBinary: 5 }), "LK0036"],
  ["204", { status: 204 }, "LK0036"],
  ["302", { status: 302, headers: { location: "http://169.254.169.254/" } }, "LK0030"],
  ["too much", large, "LK0038"],
  ["a broken connection", "reset", "LK0030"],
  ["ResourceNotFoundException", smError(400, "ResourceNotFoundException"), "LK0034"],
  [
    "a secret that is marked deleted",
    smError(400, "InvalidRequestException", "secret that's currently marked deleted."),
    "LK0034",
  ],
  [
    "a secret marked for deletion",
    smError(400, "InvalidRequestException", "because it was marked for deletion."),
    "LK0034",
  ],
  ["another InvalidRequestException", smError(400, "InvalidRequestException", "no such stage"), "LK0037"],
  ["InvalidParameterException", smError(400, "InvalidParameterException"), "LK0037"],
  ["ValidationException", smError(400, "ValidationException"), "LK0037"],
  ["AccessDeniedException", smError(400, "AccessDeniedException"), "LK0033"],
  ["AccessDenied with a name space", smError(400, "com.amazon.coral.service#AccessDeniedException"), "LK0033"],
  ["a KMS denial", smError(400, "AccessDeniedException", "Access to KMS is not allowed"), "LK0033"],
  ["DecryptionFailure", smError(400, "DecryptionFailure"), "LK0033"],
  ["ThrottlingException", smError(400, "ThrottlingException", "Rate exceeded"), "LK0031"],
  ["TooManyRequestsException", smError(400, "TooManyRequestsException"), "LK0031"],
  ["RequestLimitExceeded", smError(400, "RequestLimitExceeded"), "LK0031"],
  ["SlowDown", smError(503, "SlowDown"), "LK0031"],
  ["LimitExceededException", smError(400, "LimitExceededException"), "LK0031"],
  ["429 without a word", { status: 429 }, "LK0031"],
  ["ExpiredTokenException", smError(400, "ExpiredTokenException"), "LK0032"],
  ["UnrecognizedClientException", smError(400, "UnrecognizedClientException"), "LK0032"],
  ["InvalidSignatureException", smError(400, "InvalidSignatureException", "Signature expired: 1 < 2"), "LK0036"],
  ["InternalServiceError", smError(500, "InternalServiceError"), "LK0030"],
  ["500 without a word", { status: 500 }, "LK0030"],
  ["503 with HTML", htmlWith(503), "LK0030"],
  ["403 with HTML, by a proxy", htmlWith(403), "LK0030"],
  ["400 with an empty object", smAnswer("{}", 400), "LK0030"],
  ["400 with a type that is a number", smAnswer({ __type: 5, message: ["CANARY"] }, 400), "LK0030"],
  ["400 with an unknown type", smError(400, "SomethingNewException"), "LK0037"],
  ["400 with __proto__ as type", smError(400, "__proto__"), "LK0037"],
];

const logins: readonly [what: string, answer: Answer, id: string][] = [
  ["no body", { body: "" }, "LK0036"],
  ["HTML", html, "LK0030"],
  ["garbage", { body: "CANARY <" }, "LK0036"],
  ["an empty result", stsAnswer(""), "LK0036"],
  ["credentials without a key", stsAnswer(without("SecretAccessKey")), "LK0036"],
  ["credentials without a session token", stsAnswer(without("SessionToken")), "LK0036"],
  ["credentials with a wrong end", stsAnswer(goodCredentials.replace("2099-01-01T00:00:00Z", "CANARY")), "LK0036"],
  ["JSON", { body: { Credentials: { AccessKeyId: "CANARY" } } }, "LK0036"],
  ["AccessDenied", stsError(403, "AccessDenied"), "LK0032"],
  ["InvalidIdentityToken", stsError(400, "InvalidIdentityToken", "No OpenIDConnect provider found"), "LK0032"],
  ["ExpiredTokenException", stsError(400, "ExpiredTokenException"), "LK0032"],
  ["IDPRejectedClaim", stsError(403, "IDPRejectedClaim"), "LK0032"],
  ["RegionDisabledException", stsError(403, "RegionDisabledException"), "LK0032"],
  ["IDPCommunicationError", stsError(400, "IDPCommunicationError"), "LK0030"],
  [
    "an identity provider that is away",
    stsError(400, "InvalidIdentityToken", "Couldn't retrieve verification key from your identity provider"),
    "LK0030",
  ],
  ["Throttling", stsError(400, "Throttling", "Rate exceeded"), "LK0031"],
  ["ValidationError", stsError(400, "ValidationError", "roleArn is invalid"), "LK0037"],
  ["500", { status: 500, body: "CANARY" }, "LK0030"],
  ["403 with HTML, by a proxy", htmlWith(403), "LK0030"],
  ["too much", large, "LK0038"],
  ["a broken connection", "reset", "LK0030"],
];

describe("AWS that answers", () => {
  let aws: ScriptedAws;
  beforeAll(async () => {
    aws = await startScriptedAws();
  });
  afterAll(() => aws.stop());

  const silent = (error: ProviderError) =>
    expect(`${inspect(error, { depth: 9, showHidden: true })}${error.describe()}`).not.toContain("CANARY");

  const readError = async (answer: Answer): Promise<ProviderError> => {
    aws.answer({ sts: stsAnswer(goodCredentials), sm: answer });
    const [outcome] = await aws.read(await aws.open());
    return outcome?.ok === false ? outcome.error : expect.unreachable("the read should have failed");
  };

  const loginError = async (answer: Answer): Promise<ProviderError> => {
    aws.answer({ sts: answer });
    return aws.open().then(
      () => expect.unreachable("the login should have failed"),
      (thrown: ProviderError) => thrown,
    );
  };

  for (const [what, answer, id] of reads) {
    test(`${what} to a read gives ${id}`, async () => {
      const error = await readError(answer);
      expect(error.id).toBe(id);
      silent(error);
    });
  }

  for (const [what, answer, id] of logins) {
    test(`${what} to the login gives ${id}`, async () => {
      const error = await loginError(answer);
      expect(error.id).toBe(id);
      silent(error);
    });
  }

  test("what AWS would not say is an outage, to a read and to a login", async () => {
    for (const { what, answer } of foreignAnswers) {
      const id = answer.status === 429 ? "LK0031" : "LK0030";
      expect([what, (await readError(answer)).id]).toEqual([what, id]);
      expect([what, (await loginError(answer)).id]).toEqual([what, id]);
    }
  });

  test("errors name region, role and service account, the API's code and the fix", async () => {
    const denial =
      "User: arn:aws:sts::1:assumed-role/shop/x is not authorized to perform: secretsmanager:GetSecretValue";
    expect((await readError(smError(400, "AccessDeniedException", denial))).describe()).toBe(
      `LK0033: reading prod/db in eu-west-1 as ${roleArn} failed with status 400: AccessDeniedException: ${denial}. Fix: give ${roleArn} secretsmanager:GetSecretValue on prod/db in eu-west-1`,
    );
    expect((await readError(smError(400, "AccessDeniedException", "Access to KMS is not allowed"))).details.fix).toBe(
      `give ${roleArn} kms:Decrypt on the key of prod/db, in the key's own policy too`,
    );
    expect((await loginError(stsError(403, "AccessDenied", "Not authorized"))).describe()).toBe(
      `LK0032: assuming ${roleArn} in eu-west-1 failed with status 403: AccessDenied: Not authorized. Fix: let the trust policy of ${roleArn} accept system:serviceaccount:shop:web of this cluster's OIDC provider with the audience sts.amazonaws.com`,
    );
  });

  test("what AWS says is shown without tokens and credentials, 256 characters at most", async () => {
    const noisy = `${sessionToken} CANARY-secret-key ASIACANARY\n${"x".repeat(600)}`;
    const error = await readError(smError(400, "ValidationException", noisy));
    silent(error);
    expect(error.message.length).toBeLessThan(360);
    silent(await loginError(stsError(400, "InvalidIdentityToken", `token ${podToken}`)));
  });

  const away: readonly [what: string, answer: Answer, reached: boolean][] = [
    ["InternalServiceError", smError(500, "InternalServiceError"), true],
    ["500 without a word", { status: 500 }, true],
    ["502 with HTML", htmlWith(502), false],
    ["ServiceUnavailable", smError(503, "ServiceUnavailable"), false],
    ["504 with HTML", htmlWith(504), false],
    ["a broken connection", "reset", false],
  ];
  for (const [what, answer, reached] of away) {
    test(`${what} ${reached ? "is about that read only" : "is about every call"}`, async () => {
      const { id, details } = await readError(answer);
      expect([id, details.reached ?? false]).toEqual(["LK0030", reached]);
    });
  }

  test("an identity provider that is away says nothing of STS", async () => {
    const error = await loginError(stsError(400, "IDPCommunicationError"));
    expect([error.id, error.details.reached]).toEqual(["LK0030", true]);
  });

  test("a throttled read says for how long", async () => {
    const throttled = { ...(smError(400, "ThrottlingException") as object), headers: { "retry-after": "1" } };
    expect((await readError(throttled)).details).toMatchObject({
      retryAfterMs: 1000,
      storeCode: "ThrottlingException",
    });
  });
});
