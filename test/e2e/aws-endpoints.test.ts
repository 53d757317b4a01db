import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Authority, createAuthority } from "../servers/certificates.ts";
import { type ForwardProxy, startForwardProxy } from "../servers/forward-proxy.ts";
import { type RecordedRequest, type ScriptedServer, startScripted } from "../servers/scripted.ts";
import { goodCredentials, roleArn, smAnswer, stsAnswer } from "../stores/aws/scripted-aws.ts";
import { createTokenIssuer, type TokenIssuer } from "../tokens.ts";
import { startNode, type TestNode } from "./node.ts";

const objects = `
- { objectName: s, objectType: secretsmanager }
- { objectName: p, objectType: ssmparameter }
`;

let issuer: TokenIssuer;
let authority: Authority;
let aws: ScriptedServer;
let proxy: ForwardProxy;
let node: TestNode | undefined;

function answer({ headers, body }: RecordedRequest) {
  const target = String(headers["x-amz-target"] ?? "");
  // The first role's exchange and the second role's have answers of one form.
  if (target === "") return body.includes("WithWebIdentity") ? stsAnswer(goodCredentials) : assumed;
  if (target.startsWith("AmazonSSM.")) return smAnswer({ Parameters: [{ Name: "p", Value: "v", Version: 1 }] });
  return smAnswer({ SecretString: "v", VersionId: "1" });
}

const assumed = {
  headers: { "content-type": "text/xml" },
  body: `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>${goodCredentials}</AssumeRoleResult></AssumeRoleResponse>`,
};

beforeAll(async () => {
  [issuer, authority] = await Promise.all([createTokenIssuer(), createAuthority()]);
  const tls = await authority.issue(["127.0.0.1", "aws.test"]);
  [aws, proxy] = await Promise.all([startScripted(answer, { tls }), startForwardProxy()]);
});

afterEach(async () => {
  await node?.stop();
  proxy.setMode("pass");
});

afterAll(async () => {
  await Promise.all([aws?.stop(), proxy?.stop()]);
});

async function start(flags: Record<string, string>): Promise<TestNode> {
  const caFile = async (directory: string) => {
    const path = join(directory, "aws-ca.pem");
    await writeFile(path, authority.caPem);
    return { awsCaBundle: path };
  };
  node = await startNode({ issuer, flags: async (directory) => ({ ...(await caFile(directory)), ...flags }) });
  return node;
}

function volume(region: string, more: Record<string, string> = {}) {
  const audiences = ["sts.amazonaws.com", "pods.eks.amazonaws.com"];
  return { provider: "aws", audiences, parameters: { region, roleArn, objects, ...more } };
}

/** The hosts that a mount asked the proxy for: `host:port` of each connection, sorted, each once. */
async function hostsOf(mount: () => Promise<unknown>): Promise<readonly string[]> {
  const before = proxy.requests.length;
  await mount();
  return [...new Set(proxy.requests.slice(before).map(({ target }) => target))].sort();
}

/** Hosts by AWS's own rules; the usual ones of Secrets Manager have both kinds of addresses (https://docs.aws.amazon.com/general/latest/gr/rande.html). */
const kinds: readonly (readonly [
  what: string,
  flags: Record<string, string>,
  region: string,
  hosts: readonly string[],
])[] = [
  ["usual", {}, "eu-west-1", ["secretsmanager.eu-west-1.amazonaws.com", "ssm.eu-west-1.amazonaws.com"]],
  [
    "FIPS",
    { awsUseFips: "true" },
    "us-east-1",
    ["secretsmanager-fips.us-east-1.amazonaws.com", "ssm-fips.us-east-1.amazonaws.com"],
  ],
  [
    "dual-stack",
    { awsUseDualStack: "true" },
    "eu-west-1",
    ["secretsmanager.eu-west-1.amazonaws.com", "ssm.eu-west-1.api.aws"],
  ],
  ["China's", {}, "cn-north-1", ["secretsmanager.cn-north-1.amazonaws.com.cn", "ssm.cn-north-1.amazonaws.com.cn"]],
];

const stsHosts: Readonly<Record<string, string>> = {
  usual: "sts.eu-west-1.amazonaws.com",
  FIPS: "sts-fips.us-east-1.amazonaws.com",
  "dual-stack": "sts.eu-west-1.api.aws",
  "China's": "sts.cn-north-1.amazonaws.com.cn",
};

describe("AWS's own endpoints, by way of the proxy", () => {
  it.each(kinds)("are the %s ones of STS, whose refusal names them", async (what, flags, region) => {
    const { publishError } = await start({ httpsProxy: proxy.url, ...flags });
    proxy.setMode(502);
    let message = "";
    const hosts = await hostsOf(async () => {
      ({ message } = await publishError(volume(region)));
    });
    expect(hosts).toEqual([`${stsHosts[what]}:443`]);
    expect(message).toMatch(/LK0030 /);
  });

  it.each(kinds)("are the %s ones of Secrets Manager and Parameter Store", async (_, flags, region, hosts) => {
    const { publishError } = await start({
      ...{ httpsProxy: proxy.url, proxyBypass: "127.0.0.1", awsEndpointUrlSts: aws.url },
      ...flags,
    });
    proxy.setMode(502);
    expect(await hostsOf(() => publishError(volume(region)))).toEqual(hosts.map((host) => `${host}:443`));
  });
});

describe("the EKS Pod Identity agent", () => {
  it("is asked without a proxy: it is the node's own, and pods' tokens go there in the clear", async () => {
    const agent = await startScripted(() => ({ body: { AccessKeyId: "A", SecretAccessKey: "B", Token: "C" } }));
    const { publish } = await start({
      ...{ httpProxy: proxy.url, httpsProxy: proxy.url, awsEndpointUrl: `https://aws.test:${new URL(aws.url).port}` },
      // No address that needs no proxy by itself, as 127.0.0.1 does.
      awsPodIdentityUrl: agent.url.replace("127.0.0.1", "0.0.0.0"),
    });
    const own = volume("eu-west-1", { usePodIdentity: "true", roleArn: "" });
    expect(await hostsOf(() => publish(own))).toEqual([`aws.test:${new URL(aws.url).port}`]);
    expect(agent.requests.length).toBe(1);
    await agent.stop();
  });
});

describe("an operator's endpoints", () => {
  const port = () => new URL(aws.url).port;

  it("are asked through the proxy, trusted by the CA bundle: STS twice, Secrets Manager and Parameter Store", async () => {
    const { publish, mounts } = await start({
      httpsProxy: proxy.url,
      // The proxy sends every name to this machine.
      awsEndpointUrl: `https://aws.test:${port()}`,
    });
    const assume = { assumeRoleArn: "arn:aws:iam::123456789012:role/second" };
    expect(await hostsOf(() => publish(volume("eu-west-1", assume)))).toEqual([`aws.test:${port()}`]);
    expect(mounts().at(-1)).toMatchObject({ result: "ok", storeCalls: { login: 2, read: 2 } });
  });

  it("are taken for each service by itself, whatever FIPS and dual stack say", async () => {
    const { publish } = await start({
      ...{ httpsProxy: proxy.url, proxyBypass: "127.0.0.1", awsUseFips: "true", awsUseDualStack: "true" },
      awsEndpointUrl: "https://aws.test:1",
      awsEndpointUrlSts: aws.url,
      awsEndpointUrlSsm: aws.url,
      awsEndpointUrlSecretsManager: `https://aws.test:${port()}`,
    });
    expect(await hostsOf(() => publish(volume("eu-west-1")))).toEqual([`aws.test:${port()}`]);
  });

  it("are not trusted without the CA bundle, STS first", async () => {
    node = await startNode({ issuer, flags: { awsEndpointUrl: aws.url } });
    const { code, message } = await node.publishError(volume("eu-west-1"));
    expect([code, message]).toEqual([
      "FAILED_PRECONDITION",
      expect.stringMatching(/LK0039 .*assuming .*the certificate of 127\.0\.0\.1:\d+ is not trusted/),
    ]);
  });
});
