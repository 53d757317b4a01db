import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ProviderError } from "../../../src/errors.ts";
import type { AwsSettings } from "../../../src/stores/aws/types.ts";
import { foreignAnswers } from "../../servers/foreign-answers.ts";
import { type Answer, startScripted } from "../../servers/scripted.ts";
import {
  goodCredentials,
  parameter,
  podToken,
  roleArn,
  type ScriptedAws,
  secret,
  sessionToken,
  settings,
  smAnswer,
  startScriptedAws,
  stsAnswer,
  stsError,
  textOf,
} from "./scripted-aws.ts";

let aws: ScriptedAws;
beforeEach(async () => {
  aws = await startScriptedAws();
});
afterEach(() => aws.stop());

const failureOf = (run: Promise<unknown>): Promise<ProviderError> =>
  run.then(
    () => expect.unreachable("it should have failed"),
    (thrown: ProviderError) => thrown,
  );

const byPod: AwsSettings = { region: "eu-west-1", identity: { by: "podIdentity", address: "auto" } };
const agentAnswer: Answer = {
  body: {
    AccessKeyId: "ASIAPOD",
    SecretAccessKey: "CANARY-pod-key",
    Token: "CANARY-pod-token",
    Expiration: "2099-01-01T00:00:00Z",
    AccountId: "1",
  },
};

describe("EKS Pod Identity", () => {
  test("gets credentials for the pod's own token, and reads with them", async () => {
    aws.answer({ agent: agentAnswer, sm: smAnswer({ SecretString: "v", VersionId: "1" }) });
    expect([aws.store.scope(byPod), aws.store.audience(byPod), aws.store.needs(byPod)]).toEqual([
      "pod",
      { name: "pods.eks.amazonaws.com", chosen: true },
      [],
    ]);
    const session = await aws.open(byPod);
    expect(session.expiresAt).toBe(Date.parse("2099-01-01T00:00:00Z"));
    expect((await aws.read(session)).map(textOf)).toEqual(["v"]);
    const [agent, sm] = aws.server.requests;
    expect([agent?.method, agent?.path, agent?.headers.authorization, agent?.headers.accept]).toEqual([
      ...["GET", "/v1/credentials", podToken, "application/json"],
    ]);
    expect(sm?.headers["x-amz-security-token"]).toBe("CANARY-pod-token");
    expect(aws.counted).toEqual(["login", "read"]);
  });

  const refusals: readonly [answer: Answer, id: string, message: string][] = [
    [
      { status: 400, body: { code: "InvalidTokenException", message: `bad ${podToken}` } },
      "LK0032",
      "the EKS Pod Identity agent answered with status 400: InvalidTokenException: bad ",
    ],
    [
      { status: 404, body: { code: "ResourceNotFoundException", message: "no association" } },
      "LK0032",
      "the EKS Pod Identity agent answered with status 404: ResourceNotFoundException: no association",
    ],
    [
      { status: 404, body: "[0b1c-2d]: (ResourceNotFoundException): no association, fault: client\n" },
      "LK0032",
      "the EKS Pod Identity agent answered with status 404: ResourceNotFoundException: no association",
    ],
    [
      { status: 400, body: `Service account token cannot be parsed: ${podToken}\n` },
      "LK0032",
      "the EKS Pod Identity agent answered with status 400: Service account token cannot be parsed: [redacted]",
    ],
    [
      { status: 403, body: "Access Denied. Called agent through invalid address" },
      "LK0032",
      "the EKS Pod Identity agent answered with status 403: Access Denied. Called agent through invalid address",
    ],
    [
      { status: 403, body: "CANARY text" },
      "LK0030",
      "asking for the pod's role (status 403): the answer is not from the EKS Pod Identity agent",
    ],
    [{ status: 429, body: {} }, "LK0031", "the EKS Pod Identity agent answered with status 429"],
    [{ status: 500, body: {} }, "LK0030", "the EKS Pod Identity agent answered with status 500"],
    [{ body: {} }, "LK0036", "the EKS Pod Identity agent answered without credentials"],
    [{ body: "CANARY" }, "LK0036", "the EKS Pod Identity agent answered without credentials"],
    [{ body: "" }, "LK0036", "the EKS Pod Identity agent answered without credentials"],
    [
      { body: { AccessKeyId: "CANARY", SecretAccessKey: 1, Token: "CANARY" } },
      "LK0036",
      "the EKS Pod Identity agent answered without credentials",
    ],
  ];
  test.each(refusals)("that answers %j is %s", async (agent, id, message) => {
    aws.answer({ agent });
    const error = await failureOf(aws.open(byPod));
    expect([error.id, error.message.startsWith(message)]).toEqual([id, true]);
    expect(error.describe()).not.toMatch(/CANARY/);
    expect(error.details.fix).toEqual(expect.any(String));
  });

  test("has not spoken where anything else answers", async () => {
    for (const { what, answer } of foreignAnswers) {
      aws.answer({ agent: answer });
      const error = await failureOf(aws.open(byPod));
      expect([what, error.id]).toEqual([what, answer.status === 429 ? "LK0031" : "LK0030"]);
    }
  });

  test("that refuses tells what to change, for whom", async () => {
    aws.answer({ agent: { status: 404, body: { code: "ResourceNotFoundException", message: "none" } } });
    const { details } = await failureOf(aws.open(byPod));
    expect([details.storeCode, details.fix]).toEqual([
      "agent 404",
      "associate a role with the service account shop/web (aws eks create-pod-identity-association); its trust policy must let pods.eks.amazonaws.com do sts:AssumeRole and sts:TagSession",
    ]);
  });

  test("that gives credentials without an end has none", async () => {
    aws.answer({ agent: { body: { AccessKeyId: "A", SecretAccessKey: "B", Token: "C", Expiration: "soon" } } });
    expect((await aws.open(byPod)).expiresAt).toBeUndefined();
  });

  test("asks the IPv6 address where nobody answers at the IPv4 one, and only then", async () => {
    const nobody = "http://127.0.0.1:1";
    const agent = await startScripted(() => agentAnswer);
    const open = async (urls: { ipv4: string; ipv6: string }, address: "auto" | "ipv4" | "ipv6") => {
      const scripted = await startScriptedAws({ podIdentityUrls: urls });
      const opening = scripted.open({ region: "eu-west-1", identity: { by: "podIdentity", address } });
      const result = await opening.then(
        () => "opened",
        (error: ProviderError) => error.id,
      );
      await scripted.stop();
      return result;
    };
    const refusing = await startScripted(() => ({ status: 403, body: { code: "AccessDeniedException" } }));
    expect(await open({ ipv4: nobody, ipv6: agent.url }, "auto")).toBe("opened");
    expect(await open({ ipv4: nobody, ipv6: agent.url }, "ipv6")).toBe("opened");
    expect(await open({ ipv4: nobody, ipv6: agent.url }, "ipv4")).toBe("LK0030");
    expect(await open({ ipv4: nobody, ipv6: nobody }, "auto")).toBe("LK0030");
    expect(await open({ ipv4: refusing.url, ipv6: agent.url }, "auto")).toBe("LK0032");
    expect(agent.requests.length).toBe(2);
    await Promise.all([agent.stop(), refusing.stop()]);
  });

  test("that does not answer is waited for as long as the operator says", async () => {
    const impatient = await startScriptedAws({ podIdentityTimeout: 50 });
    impatient.answer({ agent: "hang" });
    const error = await failureOf(impatient.open(byPod));
    expect(error.describe()).toMatch(
      /^LK0030: the EKS Pod Identity agent of this node did not answer: .* Fix: check that the add-on eks-pod-identity-agent runs/,
    );
    await impatient.stop();
  });

  test("has a breaker of its own for each address: a node without an agent holds back nobody else", () => {
    const endpoints = (["auto", "ipv4", "ipv6"] as const).map((address) =>
      aws.store.endpoint({ region: "eu-west-1", identity: { by: "podIdentity", address } }),
    );
    expect(new Set([...endpoints, aws.store.endpoint(settings)]).size).toBe(4);
  });
});

describe("a second role", () => {
  const second = "arn:aws:iam::210987654321:role/other";
  const chained: AwsSettings = {
    ...settings,
    assume: { roleArn: second, externalId: "ext-1", sessionTags: [["team", "shop"]] },
  };
  const chainedAnswer: Answer = {
    headers: { "content-type": "text/xml" },
    body: `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>${goodCredentials.replaceAll("ASIACANARY", "ASIASECOND")}</AssumeRoleResult></AssumeRoleResponse>`,
  };
  const byAction = (answer: Answer) => ({
    sts: ({ body }: { readonly body: string }) =>
      body.includes("Action=AssumeRoleWithWebIdentity") ? stsAnswer(goodCredentials) : answer,
  });

  test("is assumed with the first one's credentials, external id and tags", async () => {
    aws.answer({ ...byAction(chainedAnswer), sm: smAnswer({ SecretString: "v" }) });
    expect((await aws.read(await aws.open(chained))).map(textOf)).toEqual(["v"]);
    const [, assumed, read] = aws.server.requests;
    expect(Object.fromEntries(new URLSearchParams(assumed?.body))).toEqual({
      Action: "AssumeRole",
      Version: "2011-06-15",
      RoleArn: second,
      RoleSessionName: "latchkey-shop-web",
      ExternalId: "ext-1",
      "Tags.member.1.Key": "team",
      "Tags.member.1.Value": "shop",
    });
    expect(assumed?.headers["x-amz-security-token"]).toBe(sessionToken);
    expect(read?.headers.authorization).toContain("Credential=ASIASECOND/");
    expect(aws.counted).toEqual(["login", "login", "read"]);
  });

  test("follows Pod Identity as well", async () => {
    aws.answer({ ...byAction(chainedAnswer), agent: agentAnswer, sm: smAnswer({ SecretString: "v" }) });
    const session = await aws.open({ ...chained, identity: byPod.identity });
    expect((await aws.read(session)).map(textOf)).toEqual(["v"]);
  });

  test("that is refused says who needs which right", async () => {
    aws.answer(byAction(stsError(403, "AccessDenied")));
    const error = await failureOf(aws.open(chained));
    expect([error.id, error.details.fix]).toEqual([
      "LK0032",
      `let ${roleArn} do sts:AssumeRole and sts:TagSession on ${second}, in its own policy and in the trust policy of ${second}, with this external id`,
    ]);
  });
});

describe("one login", () => {
  test("reads secrets and parameters", async () => {
    aws.answer({
      sm: smAnswer({ SecretString: "secret" }),
      ssm: smAnswer({ Parameters: [{ Name: "p", Value: "parameter", Version: 1 }] }),
    });
    const session = await aws.open();
    expect((await aws.read(session, secret("s"), parameter("p"))).map(textOf)).toEqual(["secret", "parameter"]);
    expect(aws.counted.toSorted()).toEqual(["login", "read", "read"]);
  });
});
