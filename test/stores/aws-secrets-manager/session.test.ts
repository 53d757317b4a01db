import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createAddressPolicy } from "../../../src/address-policy.ts";
import type { AwsSettings } from "../../../src/stores/aws/types.ts";
import { createStores } from "../../../src/stores/index.ts";
import { startProxy } from "../../servers/proxy.ts";
import type { Answer } from "../../servers/scripted.ts";
import {
  goodCredentials,
  podToken,
  request,
  roleArn,
  type ScriptedAws,
  sessionToken,
  settings,
  smAnswer,
  smError,
  startScriptedAws,
  stsAnswer,
} from "../aws/scripted-aws.ts";
import { outcomesOf } from "../outcomes.ts";

let aws: ScriptedAws;
beforeEach(async () => {
  aws = await startScriptedAws();
});
afterEach(() => aws.stop());

function withRetryAfter(answer: Answer): Answer {
  return { ...(answer as object), headers: { "retry-after": "30" } };
}

describe("an AWS session", () => {
  test("exchanges the pod's token once, then reads as the role", async () => {
    aws.answer({ sm: smAnswer({ SecretString: "", VersionId: "v-1" }) });
    const session = await aws.open();
    expect(session.expiresAt).toBe(Date.parse("2099-01-01T00:00:00Z"));
    const secretId = "arn:aws:secretsmanager:eu-west-1:1:secret:a";
    const ref = { service: "secretsmanager", secretId, versionId: "v", versionStage: "s" } as const;
    const [outcome] = await aws.read(session, ref);
    expect(outcome).toMatchObject({ ok: true, secret: { version: "v-1" } });
    expect(outcome?.ok === true && outcome.secret.value.reveal().byteLength).toBe(0);
    const [sts, sm] = aws.server.requests;
    expect(Object.fromEntries(new URLSearchParams(sts?.body))).toEqual({
      Action: "AssumeRoleWithWebIdentity",
      Version: "2011-06-15",
      RoleArn: roleArn,
      RoleSessionName: "latchkey-shop-web",
      WebIdentityToken: podToken,
    });
    expect(sts?.headers.authorization).toBeUndefined();
    expect(JSON.parse(sm?.body ?? "")).toEqual({ SecretId: secretId, VersionId: "v", VersionStage: "s" });
    expect(sm?.headers["x-amz-target"]).toBe("secretsmanager.GetSecretValue");
    expect(sm?.headers["x-amz-security-token"]).toBe(sessionToken);
    expect(sm?.headers.authorization).toMatch(/Credential=ASIACANARY\/\d{8}\/eu-west-1\/secretsmanager\//);
    expect(aws.counted).toEqual(["login", "read"]);
  });

  test("gives bytes of a binary secret as they are", async () => {
    aws.answer({ sm: smAnswer({ SecretBinary: "AP+A" }) });
    const [outcome] = await aws.read(await aws.open());
    expect(outcome?.ok === true && [...outcome.secret.value.reveal()]).toEqual([0, 255, 128]);
  });

  test("takes the role from the service account where the settings name none", async () => {
    const byAnnotation: AwsSettings = { region: "eu-west-1", identity: { by: "webIdentity" } };
    expect(aws.store.needs(byAnnotation)).toEqual([
      expect.objectContaining({ kind: "serviceAccountAnnotation", name: "eks.amazonaws.com/role-arn" }),
    ]);
    expect(aws.store.needs(settings)).toEqual([]);
    await aws.open(byAnnotation, new Map([["eks.amazonaws.com/role-arn", "arn:aws:iam::1:role/other"]]));
    expect(aws.server.requests[0]?.body).toContain(encodeURIComponent("arn:aws:iam::1:role/other"));
    await expect(aws.open(byAnnotation)).rejects.toThrow(expect.objectContaining({ id: "LK0014" }));
  });

  const refusals: readonly [string, Answer][] = [
    ["throttles", smError(400, "ThrottlingException")],
    ["throttles and says for how long", withRetryAfter(smError(429, "TooManyRequestsException"))],
    ["is not available", withRetryAfter(smError(503, "ServiceUnavailable"))],
    ["fails", smError(500, "InternalServiceError")],
  ];
  for (const [name, answer] of refusals) {
    test(`is told at once that AWS ${name}: to try again is up to who asks`, async () => {
      aws.answer({ sm: answer });
      const session = await aws.open();
      const [outcome = expect.unreachable()] = await aws.read(session);
      // Whoever sleeps for Retry-After is ended by the caller's signal, and that has a code of its own.
      expect(outcome.ok ? "ok" : outcome.error.details.storeCode).not.toMatch(/^(ok|TIMEOUT)$/);
      expect(aws.counted).toEqual(["login", "read"]);
    });
  }

  test("sends a read once more where the answer has told the right time", async () => {
    const date = new Date(Date.now() + 3_600_000).toUTCString();
    aws.answer({ sm: { ...(smError(403, "RequestTimeTooSkewed") as object), headers: { date } } });
    const [outcome] = await aws.read(await aws.open());
    expect(outcome?.ok === false && outcome.error.id).toBe("LK0036");
    expect(aws.counted).toEqual(["login", "read", "read"]);
  });

  test("keeps its connections over logins and reads", async () => {
    const proxy = await startProxy(aws.server.url);
    aws.answer({ sts: stsAnswer(goodCredentials), sm: smAnswer({ SecretString: "x" }) });
    const host = { addresses: createAddressPolicy([]), concurrency: 1, families: { aws: { endpointUrl: proxy.url } } };
    const stores = createStores(host);
    const store = await stores.load("aws-secrets-manager");
    const refs = ["a", "b"].map((secretId) => ({ service: "secretsmanager", secretId }));
    const context = { signal: AbortSignal.timeout(5000), count: () => undefined };
    for (let round = 0; round < 3; round++) {
      const session = await store.open({ ...request, context });
      await outcomesOf(session, refs, context);
      await session.close();
    }
    expect([proxy.count(), proxy.connections]).toEqual([9, 1]);
    await stores.shutdown();
    await proxy.stop();
  });

  for (const region of ["", "evil.example/", "a b", "eu-west-1.evil.example", "-x", "x".repeat(64), "eu-west-1\n"]) {
    test(`refuses ${JSON.stringify(region)} as a region before anything is sent`, async () => {
      expect(aws.store.settings("pod").safeParse({ region }).success).toBe(false);
      await expect(aws.open({ ...settings, region })).rejects.toThrow(expect.objectContaining({ id: "LK0020" }));
      expect(aws.server.requests).toEqual([]);
    });
  }
});
