import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Moto, startMoto } from "../servers/moto.ts";
import { type FaultyProxy, startProxy } from "../servers/proxy.ts";
import { type NodeOptions, startNode, type TestNode } from "./node.ts";

const region = "eu-west-1";
const roleArn = "arn:aws:iam::123456789012:role/payments";
const audiences = ["sts.amazonaws.com"];

let moto: Moto;
let proxy: FaultyProxy;
let node: TestNode;
let made = 0;

beforeAll(async () => {
  moto = await startMoto();
  proxy = await startProxy(moto.url);
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

async function start(flags: NodeOptions["flags"] & object = {}): Promise<void> {
  node = await startNode({ flags: { awsEndpointUrl: proxy.url, staleAfter: "10s", ...flags } });
}

/** A secret with the versions 0 and 1, of a name of its own. */
async function rotatedOnce(): Promise<string> {
  made += 1;
  const name = `rotating-${made}`;
  await moto.createSecret(region, name, "0");
  await moto.putSecret(region, name, "1");
  return name;
}

type Volume = Parameters<TestNode["publish"]>[0];

const volumes: readonly (readonly [dialect: string, volume: (name: string) => Volume])[] = [
  [
    "aws",
    (name) => ({
      provider: "aws",
      audiences,
      parameters: {
        ...{ region, roleArn },
        objects: [
          `- { objectName: ${name}, objectType: secretsmanager, objectVersionLabel: AWSPREVIOUS, objectAlias: previous }`,
          `- { objectName: ${name}, objectType: secretsmanager, objectAlias: current }`,
        ].join("\n"),
      },
    }),
  ],
  [
    "latchkey",
    (name) => ({
      provider: "latchkey",
      audiences,
      parameters: {
        stores: `aws: { kind: aws-secrets-manager, region: ${region}, roleArn: "${roleArn}" }`,
        secrets: [
          `- { store: aws, name: ${name}, files: [{ path: current }] }`,
          `- { store: aws, name: ${name}, versionStage: AWSPREVIOUS, optional: true, files: [{ path: previous }] }`,
        ].join("\n"),
      },
    }),
  ],
];

/** Both stages as the pod sees them; `-` stands for a missing file. */
async function seen(target: string): Promise<readonly string[]> {
  const read = (name: string) => (existsSync(join(target, name)) ? readFile(join(target, name), "utf8") : "-");
  return await Promise.all([read("current"), read("previous")]);
}

describe.each(volumes)("the current and the previous stage of one secret, in the dialect %s", (_, volumeOf) => {
  it("change at one moment: seven rotations are seven changes", async () => {
    await start({ refresh: "400ms" });
    const name = await rotatedOnce();
    const volume = volumeOf(name);
    const changes: string[] = [];
    for (let version = 1; version <= 8; version += 1) {
      if (version > 1) await moto.putSecret(region, name, String(version));
      for (let last = ""; last !== `${version} ${version - 1}`; ) {
        const { target, podStatus } = await node.publish(volume);
        last = (await seen(target)).join(" ");
        const versions = JSON.stringify(podStatus.status.objects.map((object) => object.version).sort());
        if (changes.at(-1) !== `${last} ${versions}`) changes.push(`${last} ${versions}`);
        await sleep(5);
      }
    }
    expect(changes.map((change) => change.slice(0, 3))).toEqual([
      "1 0",
      "2 1",
      "3 2",
      "4 3",
      "5 4",
      "6 5",
      "7 6",
      "8 7",
    ]);
  });

  it("are served stale together when one of them cannot be asked", async () => {
    await start({ refresh: "0s" });
    const name = await rotatedOnce();
    const volume = volumeOf(name);
    await node.publish(volume);
    await moto.putSecret(region, name, "2");
    // The first of the two reads fails.
    proxy.inject({ kind: "answer", status: 500, body: '{"__type":"InternalServiceError"}' }, { times: 1 });
    const { target } = await node.publish(volume);
    const pair = await seen(target);
    expect([
      ["1", "0"],
      ["2", "1"],
    ]).toContainEqual(pair);
    proxy.clearFaults();
    await proxy.refuse();
    expect(await seen((await node.publish({ ...volume, pod: { name: "p", uid: "u" } })).target)).toEqual(pair);
    expect(node.mounts().at(-1)).toMatchObject({ result: "ok", stale: 2 });
  });

  it("are one entry of the cache", async () => {
    await start();
    const name = await rotatedOnce();
    await node.publish(volumeOf(name));
    proxy.resetCounts();
    for (let pod = 1; pod <= 5; pod += 1) await node.publish({ ...volumeOf(name), pod: { name: "p", uid: `u${pod}` } });
    expect(proxy.count(), "nothing more was asked").toBe(0);
    expect(node.mounts().at(-1)).toMatchObject({ result: "ok", cached: 2, fetched: 0, files: 2 });
  });
});

describe("a secret that has not rotated yet", () => {
  it("has no previous stage, which an optional one does without", async () => {
    await start();
    made += 1;
    await moto.createSecret(region, `new-${made}`, "0");
    const [[, drop], [, native]] = volumes as [(typeof volumes)[number], (typeof volumes)[number]];
    expect(await seen((await node.publish(native(`new-${made}`))).target)).toEqual(["0", "-"]);
    const error = await node.publishError({ ...drop(`new-${made}`), volume: "needed" });
    expect([error.code, error.message.match(/LK0034/g)?.length]).toEqual(["NOT_FOUND", 1]);
    expect(error.message).toContain(`stage AWSPREVIOUS`);
    // What is missing and needed is asked for again at once.
    await moto.putSecret(region, `new-${made}`, "1");
    expect(await seen((await node.publish({ ...drop(`new-${made}`), volume: "needed" })).target)).toEqual(["1", "0"]);
  });
});

describe("the labels of one parameter", () => {
  it("are one entry too, and a version number is not of it", async () => {
    await start();
    await moto.putParameter(region, "/shop/p", "one", "String", ["old"]);
    await moto.putParameter(region, "/shop/p", "two", "String", ["live"]);
    const object = (alias: string, more: string) =>
      `- { objectName: /shop/p, objectType: ssmparameter, objectAlias: ${alias}, ${more} }`;
    const objects = [
      object("a", "objectVersionLabel: old"),
      object("b", "objectVersionLabel: live"),
      object("c", 'objectVersion: "1"'),
    ].join("\n");
    const { target } = await node.publish({ provider: "aws", audiences, parameters: { region, roleArn, objects } });
    const files = await Promise.all(["a", "b", "c"].map((name) => readFile(join(target, name), "utf8")));
    expect(files).toEqual(["one", "two", "one"]);
  });
});
