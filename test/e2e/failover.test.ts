import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type OpenBao, startOpenBao } from "../servers/openbao.ts";
import { letEverybodyRead, putKv2 } from "../servers/openbao-setup.ts";
import { type FaultyProxy, startProxy } from "../servers/proxy.ts";
import { type Answer, type RecordedRequest, type ScriptedServer, startScripted } from "../servers/scripted.ts";
import { goodCredentials, roleArn, smAnswer, smError, stsAnswer, stsError } from "../stores/aws/scripted-aws.ts";
import { createTokenIssuer, type TokenIssuer } from "../tokens.ts";
import { startNode, type TestNode } from "./node.ts";

let issuer: TokenIssuer;
let bao: OpenBao;
let proxy: FaultyProxy;
let aws: ScriptedServer;
let node: TestNode;
let sts: Answer;
/** The answers of Secrets Manager, by region. */
let answers: Record<string, Answer | ((request: RecordedRequest) => Answer)>;

/** The region that a request is signed for; calls of STS are not signed. */
function regionOf({ headers }: RecordedRequest): string | undefined {
  return /Credential=[^/]+\/\d+\/([^/]+)\/secretsmanager\//.exec(headers.authorization ?? "")?.[1];
}

function answer(request: RecordedRequest): Answer {
  const region = regionOf(request);
  if (region === undefined) return sts;
  const found = answers[region] ?? smError(400, "NotSet");
  return typeof found === "function" ? found(request) : found;
}

beforeAll(async () => {
  issuer = await createTokenIssuer();
  [bao, aws] = await Promise.all([startOpenBao(), startScripted(answer)]);
  proxy = await startProxy(bao.address);
  await letEverybodyRead(bao, issuer.publicKeyPem());
  await Promise.all(["known", "unknown"].map((name) => putKv2(bao, name, { v: `vault ${name}` })));
});

beforeEach(async () => {
  answers = {};
  sts = stsAnswer(goodCredentials);
  const flags = { allowAddress: "127.0.0.1", awsEndpointUrl: aws.url, refresh: "0s", denyMemory: "0s" };
  node = await startNode({ issuer, flags });
});

afterEach(async () => {
  await proxy.accept();
  proxy.clearFaults();
  await node.stop();
});

afterAll(async () => {
  await proxy?.stop();
  await Promise.all([bao?.stop(), aws?.stop()]);
});

const ok = (text: string) => smAnswer({ SecretString: text, VersionId: `version-${text}`, Name: "a" });
const audiences = ["sts.amazonaws.com", "vault"];
const asked = (region: string) => aws.requests.filter((request) => regionOf(request) === region).length;

describe("an AWS secret with a failover region", () => {
  const objects = "- { objectName: a, objectType: secretsmanager, objectAlias: f, failoverObject: { objectName: b } }";
  const parameters = { region: "eu-west-1", failoverRegion: "eu-central-1", roleArn, objects };
  const volume = { provider: "aws", audiences, parameters };

  async function mount(uid: string) {
    const { target, podStatus } = await node.publish({ ...volume, pod: { name: uid, uid } });
    const { fetched, cached, stale } = node.mounts().at(-1) ?? {};
    const text = await readFile(join(target, "f"), "utf8");
    return { text, version: podStatus.status.objects[0]?.version, served: [fetched, cached, stale] };
  }

  it("is asked for in the first region alone while that answers", async () => {
    answers = { "eu-west-1": ok("first"), "eu-central-1": smError(400, "ResourceNotFoundException") };
    const before = asked("eu-central-1");
    expect(await mount("a")).toEqual({ text: "first", version: "version-first", served: [1, 0, 0] });
    expect(asked("eu-central-1")).toBe(before);
  });

  const passing: readonly (readonly [string, Answer])[] = [
    ["resets", "reset"],
    ["hangs", "hang"],
    ["answers 503", smError(503, "ServiceUnavailable")],
    ["throttles", smError(400, "ThrottlingException")],
    ["denies access", smError(400, "AccessDeniedException")],
  ];
  it.each(passing)("comes from the second, by its name and version there, while the first %s", async (_, fault) => {
    answers = { "eu-west-1": fault, "eu-central-1": ok("second") };
    expect(await mount("a")).toEqual({ text: "second", version: "version-second", served: [1, 0, 0] });
    expect(JSON.parse(aws.requests.findLast((request) => regionOf(request) === "eu-central-1")?.body ?? "")).toEqual({
      SecretId: "b",
    });
  });

  it("fails where the first region has no such secret, whatever the second has", async () => {
    answers = { "eu-west-1": smError(400, "ResourceNotFoundException", "none"), "eu-central-1": ok("second") };
    const before = asked("eu-central-1");
    const error = await node.publishError(volume);
    expect([error.code, asked("eu-central-1")]).toEqual(["NOT_FOUND", before]);
    expect(error.message).toContain('LK0034 object "a" as "f", aws-secrets-manager a as shop/payments: reading a');
  });

  const logins: readonly (readonly [code: string, calls: number])[] = [
    ["ExpiredTokenException", 1],
    ["InvalidIdentityToken", 1],
    ["AccessDenied", 2],
  ];
  it.each(logins)("fails where STS answers %s, after %i calls of STS", async (code, calls) => {
    sts = stsError(400, code);
    const before = aws.requests.length;
    expect((await node.publishError(volume)).code).toBe("UNAUTHENTICATED");
    expect(aws.requests.length - before).toBe(calls);
  });

  it("tells what both regions said, and speaks with the first one's id", async () => {
    answers = {
      "eu-west-1": smError(400, "AccessDeniedException"),
      "eu-central-1": smError(400, "AccessDeniedException"),
    };
    const error = await node.publishError(volume);
    expect(error.code).toBe("PERMISSION_DENIED");
    expect(error.message).toMatch(
      /LK0033 object "a" as "f", .* a in eu-west-1 .*Next source: LK0033 aws-secrets-manager b .* b in eu-central-1 /s,
    );
  });

  it("is fresh from the second region before it is stale, and stale when both are away", async () => {
    answers = { "eu-west-1": ok("first"), "eu-central-1": ok("second") };
    expect(await mount("a")).toMatchObject({ text: "first", served: [1, 0, 0] });
    answers = { "eu-west-1": "reset", "eu-central-1": ok("second") };
    expect(await mount("b")).toMatchObject({ text: "second", served: [1, 0, 0] });
    answers = { "eu-west-1": "reset", "eu-central-1": "reset" };
    expect(await mount("c")).toEqual({ text: "first", version: "version-first", served: [0, 0, 1] });
    answers = { "eu-west-1": "hang", "eu-central-1": "hang" };
    expect(await mount("d")).toMatchObject({ text: "first", served: [0, 0, 1] });
  });
});

describe("a native secret with a fallback", () => {
  const volume = (name: string, uid: string) => ({
    provider: "latchkey",
    audiences,
    pod: { name: uid, uid },
    parameters: {
      stores: `
vault: { kind: vault, address: "${proxy.url}", role: all }
aws: { kind: aws-secrets-manager, region: eu-west-1, roleArn: "${roleArn}" }
`,
      secrets: `
- { store: vault, name: secret/data/${name}, fallback: [{ store: aws, name: prod/${name} }], files: [{ path: f, key: v }] }
`,
    },
  });

  async function mount(name: string, uid: string) {
    const { target } = await node.publish(volume(name, uid));
    const { fetched, cached, stale } = node.mounts().at(-1) ?? {};
    return { text: await readFile(join(target, "f"), "utf8"), served: [fetched, cached, stale] };
  }

  it("is stale before it comes from the fallback, which answers what the node does not know", async () => {
    answers = { "eu-west-1": ok('{"v":"fallback"}') };
    const before = asked("eu-west-1");
    expect(await mount("known", "a")).toEqual({ text: "vault known", served: [1, 0, 0] });
    await proxy.refuse();
    expect(await mount("known", "b")).toEqual({ text: "vault known", served: [0, 0, 1] });
    expect(asked("eu-west-1")).toBe(before);
    expect(await mount("unknown", "c")).toEqual({ text: "fallback", served: [1, 0, 0] });
  });

  it("fails where the store says no, whatever the fallback has", async () => {
    answers = { "eu-west-1": ok('{"v":"fallback"}') };
    const before = asked("eu-west-1");
    const error = await node.publishError(volume("nowhere", "a"));
    expect([error.code, asked("eu-west-1")]).toEqual(["NOT_FOUND", before]);
  });

  it("fails with all causes where nobody can be asked", async () => {
    answers = { "eu-west-1": smError(503, "ServiceUnavailable") };
    await proxy.refuse();
    const error = await node.publishError(volume("unknown", "a"));
    expect(error.code).toBe("FAILED_PRECONDITION");
    expect(error.message).toMatch(
      /LK0030 secrets\[0\], vault .*Next source: LK0030 aws-secrets-manager prod\/unknown/s,
    );
  });
});
