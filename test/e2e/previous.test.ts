import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Moto, startMoto } from "../servers/moto.ts";
import { type OpenBao, startOpenBao } from "../servers/openbao.ts";
import { enableKv, letEverybodyRead, putKv1, putKv2 } from "../servers/openbao-setup.ts";
import { createTokenIssuer } from "../tokens.ts";
import { startNode, type TestNode } from "./node.ts";

const region = "eu-west-1";

let bao: OpenBao;
let moto: Moto;
let node: TestNode;

beforeAll(async () => {
  const issuer = await createTokenIssuer();
  [bao, moto] = await Promise.all([startOpenBao(), startMoto()]);
  await letEverybodyRead(bao, issuer.publicKeyPem(), ["secret/data/*", "kv1/*"]);
  await enableKv(bao, "kv1", 1);
  await putKv1(bao, "db", { value: "v" }, "kv1");
  const flags = { allowAddress: "127.0.0.1", awsEndpointUrl: moto.url, refresh: "0s" };
  node = await startNode({ issuer, flags });
});

afterAll(async () => {
  await node?.stop();
  await Promise.all([bao?.stop(), moto?.stop()]);
});

/** A store with a secret of a name of its own, which gets the values one after the other. */
interface Scene {
  readonly store: string;
  readonly name: (made: string) => string;
  readonly key: string;
  put(made: string, value: string, first: boolean): Promise<unknown>;
}

const roleArn = "arn:aws:iam::123456789012:role/payments";

const scenes: readonly (readonly [kind: string, scene: () => Scene])[] = [
  [
    "vault",
    () => ({
      store: `{ kind: vault, address: "${bao.address}", role: all }`,
      name: (made) => `secret/data/${made}`,
      key: ", key: value",
      put: (made, value) => putKv2(bao, made, { value }),
    }),
  ],
  [
    "aws-secrets-manager",
    () => ({
      store: `{ kind: aws-secrets-manager, region: ${region}, roleArn: "${roleArn}" }`,
      name: (made) => made,
      key: "",
      put: (made, value, first) =>
        first ? moto.createSecret(region, made, value) : moto.putSecret(region, made, value),
    }),
  ],
  [
    "aws-parameter-store",
    () => ({
      store: `{ kind: aws-parameter-store, region: ${region}, roleArn: "${roleArn}" }`,
      name: (made) => made,
      key: "",
      put: (made, value) => moto.putParameter(region, made, value),
    }),
  ],
];

let made = 0;

function parametersOf({ store, name, key }: Scene, secret: string, more = "") {
  return {
    stores: `s: ${store}`,
    secrets: `
- { store: s, name: ${name(secret)}, files: [{ path: current${key} }] }
- { store: s, name: ${name(secret)}, version: previous, ${more} files: [{ path: previous${key} }] }`,
  };
}

/** Current and previous value, as the pod sees them. */
async function mounted(parameters: Readonly<Record<string, string>>): Promise<readonly (string | undefined)[]> {
  const { target } = await node.publish({
    provider: "latchkey",
    parameters,
    audiences: ["vault", "sts.amazonaws.com"],
  });
  const read = async (name: string) =>
    existsSync(join(target, name)) ? await readFile(join(target, name), "utf8") : undefined;
  return [await read("current"), await read("previous")];
}

describe.each(scenes)("the previous version in %s", (_, sceneOf) => {
  it("is the one before the current one, and both change together, once a rotation", async () => {
    const scene = sceneOf();
    made += 1;
    const secret = `rotating-${made}`;
    await scene.put(secret, "0", true);
    await scene.put(secret, "1", false);
    const parameters = parametersOf(scene, secret);
    for (const next of [2, 3, 4]) {
      expect(await mounted(parameters)).toEqual([String(next - 1), String(next - 2)]);
      await scene.put(secret, String(next), false);
    }
    expect(await mounted(parameters)).toEqual(["4", "3"]);
  });

  it("is absent for the first one, which only an optional secret bears", async () => {
    const scene = sceneOf();
    made += 1;
    const secret = `first-${made}`;
    await scene.put(secret, "0", true);
    expect(await mounted(parametersOf(scene, secret, "optional: true,"))).toEqual(["0", undefined]);
    const { id } = await node
      .publishError({
        ...{ provider: "latchkey", parameters: parametersOf(scene, secret), pod: { uid: `pod-${secret}` } },
        audiences: ["vault", "sts.amazonaws.com"],
      })
      .then(({ message }) => ({ id: /LK\d{4}/.exec(message)?.[0] }));
    expect(id).toBe("LK0034");
  });

  it("is read alone too", async () => {
    const scene = sceneOf();
    made += 1;
    const secret = `alone-${made}`;
    await scene.put(secret, "0", true);
    await scene.put(secret, "1", false);
    const { stores, secrets } = parametersOf(scene, secret);
    const alone = secrets.split("\n").at(-1) ?? "";
    expect(await mounted({ stores, secrets: alone })).toEqual([undefined, "0"]);
  });
});

describe("the previous version of a path without versions", () => {
  it("is refused with the reason, and never counts as absent", async () => {
    const parameters = {
      stores: `s: { kind: vault, address: "${bao.address}", role: all }`,
      secrets:
        "- { store: s, name: kv1/db, version: previous, optional: true, files: [{ path: previous, key: value }] }",
    };
    const error = await node.publishError({
      provider: "latchkey",
      parameters,
      audiences: ["vault"],
      pod: { uid: "kv1" },
    });
    expect(error.message).toContain("LK0037");
    expect(error.message).toContain("kv1/db has no versions, so there is none before the current one");
  });
});
