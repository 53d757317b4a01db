import { ReplicateSecretToRegionsCommand } from "@aws-sdk/client-secrets-manager";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Fault } from "../../servers/faults.ts";
import { type Moto, startMoto } from "../../servers/moto.ts";
import { type FaultyProxy, startProxy } from "../../servers/proxy.ts";
import { type Answer, startScripted } from "../../servers/scripted.ts";
import { stsError } from "../../stores/aws/scripted-aws.ts";
import { createTokenIssuer, type TokenIssuer } from "../../tokens.ts";
import { startNode, type TestNode } from "../node.ts";
import { awsFault, contentOf, expectThroughOutage, patientFlags, podNumber, quickFlags } from "./matrix.ts";

const region = "eu-west-1";
const roleArn = "arn:aws:iam::123456789012:role/payments";
const provider = "aws";
const audiences = ["sts.amazonaws.com", "pods.eks.amazonaws.com"];
const tenNames = Array.from({ length: 10 }, (_, at) => `ten-${at}`);

type Service = "sts" | "sm" | "ssm";

let moto: Moto;
let proxies: Readonly<Record<Service, FaultyProxy>>;
let issuer: TokenIssuer;
let node: TestNode;

beforeAll(async () => {
  moto = await startMoto();
  const [sts, sm, ssm] = await Promise.all([startProxy(moto.url), startProxy(moto.url), startProxy(moto.url)]);
  proxies = { sts, sm, ssm };
  issuer = await createTokenIssuer();
  await moto.createSecret(region, "known", "old");
  for (const name of tenNames) await moto.createSecret(region, name, `value of ${name}`);
});

afterEach(async () => {
  for (const proxy of Object.values(proxies)) {
    await proxy.accept();
    proxy.clearFaults();
    proxy.setLatency(0);
    proxy.resetCounts();
  }
  await node?.stop();
});

afterAll(async () => {
  await Promise.all([...Object.values(proxies ?? {}).map((proxy) => proxy.stop()), moto?.stop()]);
});

async function start(flags: Record<string, string>): Promise<void> {
  const urls = {
    awsEndpointUrlSts: proxies.sts.url,
    awsEndpointUrlSecretsManager: proxies.sm.url,
    awsEndpointUrlSsm: proxies.ssm.url,
  };
  node = await startNode({ issuer, flags: { ...urls, ...flags } });
}

function volume(names: readonly string[], more: Record<string, string> = {}, objectType = "secretsmanager") {
  const objects = names.map((name) => `- { objectName: ${name}, objectType: ${objectType} }`).join("\n");
  return { provider, audiences, parameters: { region, roleArn, objects, ...more } };
}

describe("while Parameter Store cannot be asked, known parameters are served and unknown ones get a final error", () => {
  const outages: readonly (readonly [name: string, fault: Fault, says: RegExp])[] = [
    ["resets connections", { kind: "reset" }, /LK0030 object "unknown", aws-parameter-store .*\(ECONNRESET\)/],
    ["hangs", { kind: "hang" }, /LK0030 .*did not answer in time|LK0006/],
    [
      "throttles with status 400",
      awsFault(400, "ThrottlingException"),
      /LK0031 object "unknown", aws-parameter-store /,
    ],
    ["answers 503", awsFault(503, "ServiceUnavailable"), /LK0030 .*status 503/],
  ];
  it.each(outages)("as it %s", async (name, fault, says) => {
    await start(quickFlags);
    const proxy = proxies.ssm;
    const write = async (parameter: string, value: string) => void (await moto.putParameter(region, parameter, value));
    const scene = { node, proxy, volume: (parameter: string) => volume([parameter], {}, "ssmparameter"), write };
    await expectThroughOutage(scene, { name, begin: () => proxy.inject(fault), end: () => proxy.clearFaults(), says });
  });
});

describe("while STS cannot be asked", () => {
  const throttled = stsError(400, "Throttling", "Rate exceeded") as Exclude<Answer, string>;
  const xml = { kind: "answer", status: 400, headers: { "content-type": "text/xml" } } as const;
  const faults: readonly (readonly [name: string, fault: Fault, says: RegExp])[] = [
    ["resets connections", { kind: "reset" }, /LK0030 .*assuming .* in eu-west-1 failed: .*\(ECONNRESET\)/],
    ["hangs", { kind: "hang" }, /LK0030 .*did not answer in time|LK0006/],
    ["throttles", { ...xml, body: String(throttled.body) }, /LK0031 .*assuming .*Throttling: Rate exceeded/],
    ["answers 503", { kind: "answer", status: 503 }, /LK0030 .*assuming .*status 503/],
  ];
  it.each(faults)("as it %s, who is logged in goes on, and who is not is told", async (_, fault, says) => {
    await start({ ...quickFlags, mountTimeout: "3s" });
    await node.publish(volume(["known"]));
    proxies.sts.inject(fault);
    const { target } = await node.publish({ ...volume(["known"]), pod: podNumber(1) });
    expect([await contentOf(target), node.mounts().at(-1)]).toEqual([
      "old",
      expect.objectContaining({ result: "ok", fetched: 1, stale: 0 }),
    ]);
    const error = await node.publishError({ ...volume(["known"]), pod: { ...podNumber(2), serviceAccount: "new" } });
    expect(error).toMatchObject({ code: "FAILED_PRECONDITION", uncertain: false });
    expect(error.message).toMatch(says);
  });
});

describe("what pods of one service account share", () => {
  it("is one STS call and one read for each secret, when 110 of them come at once, at 20 ms a call", async () => {
    await start({ ...patientFlags, refresh: "2m" });
    for (const proxy of Object.values(proxies)) proxy.setLatency(20);
    const pods = Array.from({ length: 110 }, (_, at) => node.publish({ ...volume(tenNames), pod: podNumber(at) }));
    const mounted = await Promise.all(pods);
    expect(await contentOf(mounted.at(-1)?.target ?? "", "ten-9")).toBe("value of ten-9");
    expect([proxies.sts.count(), proxies.sm.count()]).toEqual([1, 10]);
    await node.publish({ ...volume(tenNames), pod: { ...podNumber(0), serviceAccount: "other" } });
    expect([proxies.sts.count(), proxies.sm.count()]).toEqual([2, 20]);
  });

  it("is nothing with EKS Pod Identity: its credentials name the pod", async () => {
    const expires = new Date(Date.now() + 3_600_000).toISOString();
    const credentials = { AccessKeyId: "ASIA", SecretAccessKey: "key", Token: "token", Expiration: expires };
    const agent = await startScripted(() => ({ body: credentials }));
    await start({ ...patientFlags, refresh: "2m", awsPodIdentityUrl: agent.url });
    const own = volume(["known"], { usePodIdentity: "true", roleArn: "" });
    const pods = Array.from({ length: 5 }, (_, at) => node.publish({ ...own, pod: podNumber(at) }));
    await Promise.all([...pods, node.publish({ ...own, volume: "second", pod: podNumber(0) })]);
    expect([agent.requests.length, proxies.sm.count(), proxies.sts.count()]).toEqual([5, 5, 0]);
    await agent.stop();
  });
});

describe("a node without an EKS Pod Identity agent", () => {
  it("tells the pods that need one, and holds nobody else back", async () => {
    await start({ ...patientFlags, refresh: "0s", denyMemory: "0s", awsPodIdentityUrl: "http://127.0.0.1:1" });
    for (let pod = 0; pod < 5; pod += 1) {
      const own = volume(["known"], { usePodIdentity: "true", roleArn: "" });
      const error = await node.publishError({ ...own, pod: podNumber(pod) });
      if (pod === 0) expect(error.message).toMatch(/LK0030 .*the EKS Pod Identity agent of this node did not answer/);
      await node.publish({ ...volume(["known"]), pod: podNumber(pod), volume: "other" });
      expect(node.mounts().at(-1)).toMatchObject({ result: "ok", fetched: 1 });
    }
  });
});

describe("a secret that is replicated", () => {
  it("is the same version in every region, whichever is asked", async () => {
    const { versionId } = await moto.createSecret(region, "replica", "everywhere");
    const client = moto.client(region);
    const AddReplicaRegions = [{ Region: "eu-central-1" }, { Region: "us-east-1" }];
    await client.send(new ReplicateSecretToRegionsCommand({ SecretId: "replica", AddReplicaRegions }));
    client.destroy();
    await start({ ...patientFlags, refresh: "0s" });
    for (const [at, asked] of [region, "eu-central-1", "us-east-1"].entries()) {
      const { target, podStatus } = await node.publish({
        ...volume(["replica"], { region: asked, failoverRegion: "ap-south-1" }),
        pod: podNumber(at),
      });
      expect(await contentOf(target, "replica")).toBe("everywhere");
      expect(podStatus.status.objects).toEqual([{ id: "replica", version: versionId }]);
    }
  });
});
