import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ProviderError } from "../../../src/errors.ts";
import { loginError } from "../../../src/stores/aws/errors.ts";
import type { Answer } from "../../servers/scripted.ts";
import {
  goodCredentials,
  parameter,
  roleArn,
  type ScriptedAws,
  secret,
  sessionToken,
  settings,
  smAnswer,
  smError,
  startScriptedAws,
  stsAnswer,
  stsError,
} from "./scripted-aws.ts";

let aws: ScriptedAws;
beforeAll(async () => {
  aws = await startScriptedAws();
});
afterAll(() => aws.stop());

const user = "arn:aws:sts::123456789012:assumed-role/shop/latchkey-shop-web";

/** AWS's own words, as its services say them, and what a pod's event then says. */
const reads: readonly [what: string, answer: Answer, text: string][] = [
  [
    "denied",
    smError(
      400,
      "AccessDeniedException",
      `User: ${user} is not authorized to perform: secretsmanager:GetSecretValue on resource: prod/db`,
    ),
    `LK0033: reading prod/db in eu-west-1 as ${roleArn} failed with status 400: AccessDeniedException: User: ${user} is not authorized to perform: secretsmanager:GetSecretValue on resource: prod/db. Fix: give ${roleArn} secretsmanager:GetSecretValue on prod/db in eu-west-1`,
  ],
  [
    "denied by the key",
    smError(400, "AccessDeniedException", "Access to KMS is not allowed"),
    `LK0033: reading prod/db in eu-west-1 as ${roleArn} failed with status 400: AccessDeniedException: Access to KMS is not allowed. Fix: give ${roleArn} kms:Decrypt on the key of prod/db, in the key's own policy too`,
  ],
  [
    "denied, and named like a key",
    smError(400, "AccessDeniedException", "User is not authorized on resource: kms-settings"),
    `LK0033: reading prod/db in eu-west-1 as ${roleArn} failed with status 400: AccessDeniedException: User is not authorized on resource: kms-settings. Fix: give ${roleArn} secretsmanager:GetSecretValue on prod/db in eu-west-1`,
  ],
  [
    "absent, which a wrong region is as well",
    smError(400, "ResourceNotFoundException", "Secrets Manager can't find the specified secret."),
    `LK0034: reading prod/db in eu-west-1 as ${roleArn} failed with status 400: ResourceNotFoundException: Secrets Manager can't find the specified secret. Fix: check the name and that it exists in eu-west-1, with the version that is asked for`,
  ],
  [
    "deleted",
    smError(
      400,
      "InvalidRequestException",
      "You can't perform this operation on the secret because it was marked for deletion.",
    ),
    `LK0034: reading prod/db in eu-west-1 as ${roleArn} failed with status 400: InvalidRequestException: You can't perform this operation on the secret because it was marked for deletion. Fix: restore it (aws secretsmanager restore-secret), or take it out of the SecretProviderClass`,
  ],
  [
    "throttled",
    smError(400, "ThrottlingException", "Rate exceeded"),
    `LK0031: reading prod/db in eu-west-1 as ${roleArn} failed with status 400: ThrottlingException: Rate exceeded. Fix: mount fewer volumes at once, or ask AWS for a higher limit`,
  ],
  [
    "refused for the clock",
    smError(400, "InvalidSignatureException", "Signature expired: 20261123T1 is now earlier than 20261123T2"),
    `LK0036: reading prod/db in eu-west-1 as ${roleArn} failed with status 400: InvalidSignatureException: Signature expired: 20261123T1 is now earlier than 20261123T2. Fix: correct the clock of this node`,
  ],
  [
    "down",
    smError(503, "ServiceUnavailable", ""),
    `LK0030: reading prod/db in eu-west-1 as ${roleArn} failed with status 503: ServiceUnavailable. Fix: check the state of AWS in eu-west-1 and the network to it`,
  ],
];

const logins: readonly [what: string, answer: Answer, text: string][] = [
  [
    "denied by the trust policy",
    stsError(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"),
    `LK0032: assuming ${roleArn} in eu-west-1 failed with status 403: AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity. Fix: let the trust policy of ${roleArn} accept system:serviceaccount:shop:web of this cluster's OIDC provider with the audience sts.amazonaws.com`,
  ],
  [
    "refused without an OIDC provider",
    stsError(400, "InvalidIdentityToken", "No OpenIDConnect provider found in your account for https://oidc.example"),
    `LK0032: assuming ${roleArn} in eu-west-1 failed with status 400: InvalidIdentityTokenException: No OpenIDConnect provider found in your account for https://oidc.example. Fix: create an IAM OIDC provider for the issuer of this cluster's tokens in the account of the role, with the audience sts.amazonaws.com`,
  ],
  [
    "refused for the time",
    stsError(
      400,
      "ExpiredTokenException",
      "Token expired: current date/time 1 must be before the expiration date/time 0",
    ),
    `LK0032: assuming ${roleArn} in eu-west-1 failed with status 400: ExpiredTokenException: Token expired: current date/time 1 must be before the expiration date/time 0. Fix: check the clock of this node; if it is right, mount again, and check that the driver passes tokens that have not expired`,
  ],
  [
    "stopped by an issuer that AWS cannot reach",
    stsError(400, "IDPCommunicationError", "An error occurred while reaching the identity provider"),
    `LK0030: assuming ${roleArn} in eu-west-1 failed with status 400: IDPCommunicationErrorException: An error occurred while reaching the identity provider. Fix: let AWS reach the issuer of this cluster's tokens (--service-account-issuer of the API server): its discovery document and keys have to be public`,
  ],
  [
    "refused in a region without STS",
    stsError(403, "RegionDisabledException", "STS is not activated in this region"),
    `LK0032: assuming ${roleArn} in eu-west-1 failed with status 403: RegionDisabledException: STS is not activated in this region. Fix: activate STS for the region in the account's settings`,
  ],
];

describe("the pod's event says region, AWS's code, the role and what to change where", () => {
  test.each(reads)("a read is %s", async (_, sm, text) => {
    aws.answer({ sts: stsAnswer(goodCredentials), sm });
    const [outcome] = await aws.read(await aws.open(), secret("prod/db"));
    expect(outcome?.ok === false && outcome.error.describe()).toBe(text);
  });

  test.each(logins)("a login is %s", async (_, sts, text) => {
    aws.answer({ sts });
    const error = await aws.open().then(
      () => expect.unreachable("it should have failed"),
      (thrown: ProviderError) => thrown,
    );
    expect(error.describe()).toBe(text);
  });

  test.each([
    ["st", "InvalidRequestException", "marked for deletion", "LK0034"],
    ["a", "AccessDeniedException", "Access to KMS is not allowed", "LK0033"],
    ["Thr", "ThrottlingException", "Rate exceeded", "LK0031"],
    ["not", "ResourceNotFoundException", "cannot find it", "LK0034"],
    ["ExceptionOfAll", "ValidationException", "ExceptionOfAll is what you sent", "LK0037"],
  ])("with the session token %j, %s is judged and said as AWS says it", async (session, code, said, id) => {
    const credentials = goodCredentials.replace(sessionToken, session);
    aws.answer({ sts: stsAnswer(credentials), sm: smError(400, code, said) });
    const [outcome] = await aws.read(await aws.open(), secret("prod/db"));
    const error = outcome?.ok === false ? outcome.error : undefined;
    expect([error?.id, error?.details.storeCode]).toEqual([id, code]);
    const shown = session.length < 8 ? said : said.replace(session, "[redacted]");
    expect(error?.message).toContain(`${code}: ${shown}`);
  });

  test("a parameter's key may not be used", async () => {
    const said = "The ciphertext refers to a customer master key that does not exist, or that you may not use.";
    aws.answer({ sts: stsAnswer(goodCredentials), ssm: smError(400, "AccessDeniedException", said) });
    const [outcome] = await aws.read(await aws.open(), parameter("/shop/key"));
    expect(outcome?.ok === false && outcome.error.details.fix).toBe(
      `give ${roleArn} kms:Decrypt on the key of /shop/key, in the key's own policy too`,
    );
  });

  test("the first role's credentials are not accepted for the second role", async () => {
    const second = "arn:aws:iam::210987654321:role/other";
    aws.answer({
      sts: ({ body }) =>
        body.includes("WithWebIdentity") ? stsAnswer(goodCredentials) : stsError(403, "InvalidClientTokenId", "no"),
    });
    const error = await aws.open({ ...settings, assume: { roleArn: second, sessionTags: [] } }).then(
      () => expect.unreachable("it should have failed"),
      (thrown: ProviderError) => thrown,
    );
    expect(error.describe()).toBe(
      `LK0032: assuming ${second} in eu-west-1 failed with status 403: InvalidClientTokenId: no. Fix: let ${roleArn} do sts:AssumeRole on ${second}, in its own policy and in the trust policy of ${second}`,
    );
  });

  test("an answer that is no secret came in", async () => {
    aws.answer({ sts: stsAnswer(goodCredentials), sm: smAnswer({}) });
    const [outcome] = await aws.read(await aws.open(), secret("prod/db"));
    expect(outcome?.ok === false && outcome.error.describe()).toBe(
      `LK0036: reading prod/db in eu-west-1 as ${roleArn} failed: Secrets Manager answered without a value. Fix: check what answers at the endpoint of Secrets Manager, and that the secret has a value`,
    );
  });

  test("a host that DNS does not know, in a region that this version does not know either", async () => {
    const error = loginError(new ProviderError("LK0030", "the name x cannot be resolved", { storeCode: "ENOTFOUND" }), {
      ...{ roleArn, region: "us-east-3", secrets: [], fix: "" },
    });
    expect(error.describe()).toBe(
      `LK0030: assuming ${roleArn} in us-east-3 failed: the name x cannot be resolved. Fix: check that us-east-3 is a region: this version of Latchkey does not know it`,
    );
  });

  test("nobody is there", async () => {
    aws.answer({ sts: "reset" });
    const error = await aws.open().catch((thrown: ProviderError) => thrown);
    expect(error).toMatchObject({ id: "LK0030", details: { login: true } });
    expect(String(error)).toMatch(
      new RegExp(`assuming ${roleArn} in eu-west-1 failed: the connection to 127\\.0\\.0\\.1:\\d+ broke`),
    );
  });
});
