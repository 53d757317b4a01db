import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Fault } from "../../servers/faults.ts";
import { type Moto, startMoto } from "../../servers/moto.ts";
import { type FaultyProxy, startProxy } from "../../servers/proxy.ts";
import { stsError } from "../../stores/aws/scripted-aws.ts";
import type { TestNode } from "../node.ts";
import { startNode } from "../node.ts";
import { awsFault, contentOf, patientFlags, vaultFault } from "./matrix.ts";
import { startVaultRig, type VaultRig } from "./vault-scene.ts";

const region = "eu-west-1";
const roleArn = "arn:aws:iam::123456789012:role/payments";
const names = ["one", "two", "three", "four"];

let rig: VaultRig;
let moto: Moto;
let sts: FaultyProxy;
let services: FaultyProxy;
let node: TestNode;

beforeAll(async () => {
  [rig, moto] = await Promise.all([startVaultRig(), startMoto()]);
  [sts, services] = await Promise.all([startProxy(moto.url), startProxy(moto.url)]);
  await Promise.all(names.map((name) => rig.write(name, `value of ${name}`)));
  for (const name of names) await moto.createSecret(region, name, `value of ${name}`);
  for (const name of names) await moto.putParameter(region, name, `value of ${name}`);
});

afterEach(async () => {
  for (const proxy of [rig.plain, sts, services]) {
    proxy.clearFaults();
    proxy.resetCounts();
  }
  await node?.stop();
});

afterAll(async () => {
  await Promise.all([rig?.stop(), sts?.stop(), services?.stop(), moto?.stop()]);
});

const ofSts = (status: number, code: string): Fault => {
  const answer = stsError(status, code, "said the test");
  return typeof answer === "string" ? { kind: "reset" } : { kind: "answer", status, body: String(answer.body) };
};

function vaultVolume() {
  const { parameters, ...rest } = rig.volume(rig.plain.url, "one");
  const objects = names.map((name) => `- { objectName: ${name}, secretPath: secret/data/${name}, secretKey: v }`);
  return { ...rest, parameters: { ...parameters, objects: objects.join("\n") } };
}

function awsVolume(objectType = "secretsmanager") {
  const objects = names.map((name) => `- { objectName: ${name}, objectType: ${objectType} }`).join("\n");
  return { provider: "aws", audiences: ["sts.amazonaws.com"], parameters: { region, roleArn, objects } };
}

async function expectMounted(volume: Parameters<TestNode["publish"]>[0]): Promise<void> {
  const { target } = await node.publish(volume);
  for (const name of names) expect(await contentOf(target, name)).toBe(`value of ${name}`);
  expect(node.mounts().at(-1)).toMatchObject({ result: "ok", fetched: names.length });
}

describe("a first mount, with nothing to serve, goes through", () => {
  const read = { path: /^\/v1\/secret\/data\// };
  const login = { path: /\/login$/ };
  const ofVaults: readonly (readonly [name: string, fault: Fault, filter: object, times: number])[] = [
    ["throttles a read", vaultFault(429, "slow down"), read, 1],
    ["throttles all reads", vaultFault(429, "slow down"), read, 4],
    ["throttles the login, and says for how long", vaultFault(429, "slow down", { "retry-after": "1" }), login, 1],
    ["fails at a read", vaultFault(500, "internal error"), read, 1],
    ["fails at three reads", vaultFault(500, "internal error"), read, 3],
    ["fails at the login", vaultFault(500, "internal error"), login, 2],
    ["has not caught up", vaultFault(412, "required index state not present"), read, 2],
    ["is answered for by a balancer", { kind: "answer", status: 503, body: "no backend" }, read, 2],
    ["is upgraded", vaultFault(400, "Upgrading from non-versioned to versioned data"), read, 1],
    ["is answered for by an ingress that knows no backend", { kind: "answer", status: 404, body: "default" }, read, 2],
  ];
  it.each(ofVaults)("where Vault %s", async (_, fault, filter, times) => {
    node = await rig.node(patientFlags);
    rig.plain.inject(fault, { ...filter, times });
    await expectMounted(vaultVolume());
  });

  interface Case {
    readonly name: string;
    readonly of?: readonly Fault[];
    readonly login?: readonly Fault[];
    readonly objectType?: string;
  }
  const ofServices: readonly Case[] = [
    { name: "throttles a secret", of: [awsFault(400, "ThrottlingException")] },
    { name: "says for how long", of: [awsFault(429, "TooManyRequestsException", { "retry-after": "1" })] },
    { name: "fails at secrets", of: [awsFault(500, "InternalServiceError"), awsFault(500, "InternalFailure")] },
    { name: "throttles parameters", of: [awsFault(400, "ThrottlingException")], objectType: "ssmparameter" },
    {
      name: "fails at parameters",
      of: [awsFault(500, "InternalServerError"), awsFault(500, "InternalFailure")],
      objectType: "ssmparameter",
    },
    { name: "is away for a moment", of: [awsFault(503, "ServiceUnavailable"), { kind: "answer", status: 502 }] },
    { name: "throttles the role", login: [ofSts(400, "Throttling"), ofSts(400, "Throttling")] },
    { name: "fails at the role", login: [ofSts(500, "InternalFailure")] },
    { name: "cannot reach the cluster's issuer", login: [ofSts(400, "IDPCommunicationError")] },
  ];
  it.each(ofServices)("where AWS $name", async ({ of = [], login: ofLogin = [], objectType }) => {
    const urls = { awsEndpointUrl: services.url, awsEndpointUrlSts: sts.url };
    node = await startNode({ issuer: rig.issuer, flags: { ...patientFlags, ...urls } });
    // A later fault comes first.
    for (const fault of [...of].reverse()) services.inject(fault, { times: 1 });
    for (const fault of [...ofLogin].reverse()) sts.inject(fault, { times: 1 });
    await expectMounted(awsVolume(objectType));
  });

  const final: readonly (readonly [name: string, fault: Fault, id: string, reads: number])[] = [
    ["denies", vaultFault(403, "permission denied"), "LK0033", names.length],
    ["knows no such engine", vaultFault(404, "no handler for route 'x'"), "LK0046", names.length],
    ["cannot do that", vaultFault(501, "not implemented"), "LK0036", names.length],
  ];
  it.each(final)("but not where Vault %s: it is asked once", async (_, fault, id, reads) => {
    node = await rig.node(patientFlags);
    rig.plain.inject(fault, read);
    expect((await node.publishError(vaultVolume())).message).toContain(id);
    expect(rig.plain.count(read)).toBe(reads);
  });

  it("and what makes something is sent once, even where Vault fails", async () => {
    node = await rig.node(patientFlags);
    rig.plain.inject(vaultFault(500, "internal error"), { path: "/v1/pki/issue/web" });
    const { parameters, ...rest } = rig.volume(rig.plain.url, "one");
    const objects = "- { objectName: cert, secretPath: pki/issue/web, method: PUT, secretArgs: { common_name: a } }";
    const error = await node.publishError({ ...rest, parameters: { ...parameters, objects } });
    expect(error.message).toMatch(/LK0036 .*status 500/);
    expect(rig.plain.count({ path: "/v1/pki/issue/web" })).toBe(1);
  });
});
