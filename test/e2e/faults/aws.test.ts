import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Fault } from "../../servers/faults.ts";
import { type Moto, startMoto } from "../../servers/moto.ts";
import { type FaultyProxy, startProxy } from "../../servers/proxy.ts";
import { createTokenIssuer, type TokenIssuer } from "../../tokens.ts";
import { startNode, type TestNode } from "../node.ts";
import {
  awsFault,
  contentOf,
  expectStale,
  expectThroughOutage,
  type Outage,
  patientFlags,
  podNumber,
  quickFlags,
  type Scene,
} from "./matrix.ts";

const region = "eu-west-1";
const roleArn = "arn:aws:iam::123456789012:role/payments";

let moto: Moto;
let proxy: FaultyProxy;
let issuer: TokenIssuer;
let node: TestNode;
const written = new Set<string>();

beforeAll(async () => {
  moto = await startMoto();
  proxy = await startProxy(moto.url);
  issuer = await createTokenIssuer();
});

afterEach(async () => {
  await proxy.accept();
  proxy.clearFaults();
  proxy.resetCounts();
  await node?.stop();
});

afterAll(async () => {
  await Promise.all([proxy?.stop(), moto?.stop()]);
});

async function scene(flags: Record<string, string> = {}): Promise<Scene> {
  node = await startNode({ issuer, flags: { ...quickFlags, awsEndpointUrl: proxy.url, ...flags } });
  return { node, proxy, volume, write };
}

function volume(name: string): ReturnType<Scene["volume"]> {
  const objects = `- { objectName: ${name}, objectType: secretsmanager }`;
  return { provider: "aws", audiences: ["sts.amazonaws.com"], parameters: { region, roleArn, objects } };
}

async function write(name: string, value: string): Promise<void> {
  if (written.has(name)) await moto.putSecret(region, name, value);
  else await moto.createSecret(region, name, value);
  written.add(name);
}

function injected(name: string, fault: Fault, says: RegExp): Outage {
  return { name, begin: () => proxy.inject(fault), end: () => proxy.clearFaults(), says };
}

const where = /object "unknown", aws-secrets-manager unknown as shop\/payments: /.source;

const outages: readonly Outage[] = [
  {
    name: "refuses connections",
    begin: () => proxy.refuse(),
    end: () => proxy.accept(),
    says: new RegExp(`LK0030 ${where}.*\\(ECONNREFUSED\\)`),
  },
  injected("resets connections", { kind: "reset" }, new RegExp(`LK0030 ${where}.*\\(ECONNRESET\\)`)),
  injected("resets in the middle of a body", { kind: "resetMidBody", afterBytes: 10 }, /LK0030 .*\(ECONNRESET\)/),
  injected("hangs", { kind: "hang" }, /LK0030 .*did not answer in time|LK0006/),
  injected("drips", { kind: "drip", bytes: 1, everyMs: 200 }, /LK0030 .*did not answer in time|LK0006/),
  injected("answers 429", awsFault(429, "TooManyRequestsException"), /LK0031 /),
  injected(
    "answers 429 with Retry-After",
    awsFault(429, "TooManyRequestsException", { "retry-after": "1" }),
    /LK0031 /,
  ),
  injected("throttles with status 400", awsFault(400, "ThrottlingException"), /LK0031 /),
  injected("answers 503", awsFault(503, "ServiceUnavailable"), /LK0030 .*status 503/),
];

describe("while AWS cannot be asked, known secrets are served and unknown ones get a final error", () => {
  it.each(outages)("as it $name", async (outage) => {
    await expectThroughOutage(await scene(), outage);
  });

  it("as its name cannot be resolved (nothing is known here: DNS cannot be switched off in a test)", async () => {
    node = await startNode({ issuer, flags: { ...quickFlags, awsEndpointUrl: "http://nothing.invalid" } });
    const error = await node.publishError(volume("unknown"));
    expect(error).toMatchObject({ code: "FAILED_PRECONDITION", uncertain: false });
    expect(error.message).toMatch(/LK0030 .*the name nothing\.invalid cannot be resolved/);
  });
});

describe("while AWS answers 500 for one secret", () => {
  it("that secret is served as the node knows it, and all others go on", async () => {
    await Promise.all([scene(patientFlags), write("known", "old"), write("other", "good")]);
    await node.publish(volume("known"));
    for (let pod = 1; pod <= 4; pod += 1) {
      proxy.inject(awsFault(500, "InternalServiceError"));
      await node.publish({ ...volume("known"), pod: podNumber(pod) });
      expectStale(node);
      proxy.clearFaults();
    }
    const { target } = await node.publish({ ...volume("other"), pod: podNumber(5) });
    expect(await contentOf(target, "other")).toBe("good");
    expect(node.mounts().at(-1)).toMatchObject({ result: "ok", fetched: 1, stale: 0 });
    await write("known", "new");
    expect(await contentOf((await node.publish(volume("known"))).target)).toBe("new");
  });
});

describe("while clocks differ", () => {
  const codes = ["RequestTimeTooSkewed", "InvalidSignatureException"];

  it.each(codes)("%s once is made good by the time that AWS tells", async (code) => {
    await Promise.all([scene(patientFlags), write("known", "old")]);
    await node.publish(volume("known"));
    proxy.inject(awsFault(400, code, { date: new Date(Date.now() + 900_000).toUTCString() }), { times: 1 });
    const { target } = await node.publish({ ...volume("known"), pod: podNumber(1) });
    expect(await contentOf(target)).toBe("old");
    expect(node.mounts().at(-1)).toMatchObject({ result: "ok", fetched: 1, stale: 0 });
  });

  it.each(codes)("%s for good is a fault: nothing stale is served, and the clock is named", async (code) => {
    await Promise.all([scene(patientFlags), write("known", "old")]);
    const mounted = await node.publish(volume("known"));
    proxy.inject(awsFault(400, code));
    for (const name of ["known", "unknown"]) {
      const error = await node.publishError({ ...volume(name), pod: podNumber(1) });
      expect(error).toMatchObject({ code: "INTERNAL", uncertain: false });
      expect(error.message).toMatch(
        new RegExp(`LK0036 object "${name}", .*${code}.* Fix: correct the clock of this node`),
      );
    }
    const again = await node.publish(volume("known"));
    expect(again).toMatchObject({ remount: true, changed: false, masked: { code: "INTERNAL" } });
    expect(await contentOf(mounted.target)).toBe("old");
    proxy.clearFaults();
    await write("known", "new");
    expect(await contentOf((await node.publish(volume("known"))).target)).toBe("new");
  });
});
