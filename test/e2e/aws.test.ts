import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type KubernetesApi, startKubernetes } from "../servers/kubernetes.ts";
import { type Moto, startMoto } from "../servers/moto.ts";
import { createTokenIssuer } from "../tokens.ts";
import { startNode, type TestNode } from "./node.ts";

const provider = "aws";
const audiences = ["sts.amazonaws.com"];
const annotation = "eks.amazonaws.com/role-arn";
const roleArn = "arn:aws:iam::123456789012:role/payments";

let moto: Moto;
let kubernetes: KubernetesApi;
let node: TestNode;
let versions: Record<string, string>;

beforeAll(async () => {
  moto = await startMoto();
  const issuer = await createTokenIssuer();
  kubernetes = await startKubernetes(issuer);
  kubernetes.setServiceAccount("shop", "payments", { annotations: { [annotation]: roleArn } });
  kubernetes.setServiceAccount("shop", "bare", {});
  const created = [
    await moto.createSecret("eu-west-1", "prod/db", '{"password":"p1"}'),
    await moto.createSecret("eu-west-1", "binary", Buffer.from([0, 255, 1])),
    await moto.createSecret("us-east-1", "elsewhere", "text"),
  ];
  versions = { db: created[0]?.versionId ?? "", binary: created[1]?.versionId ?? "", arn: created[0]?.arn ?? "" };
  node = await startNode({
    ...{ issuer, cluster: kubernetes },
    flags: { refresh: "0s", maxStale: "0s", awsEndpointUrl: moto.url },
  });
});

afterAll(async () => {
  await node?.stop();
  await Promise.all([moto?.stop(), kubernetes?.stop()]);
});

async function mount(parameters: Record<string, string>, volume: string) {
  return await node.publish({ provider, parameters: { region: "eu-west-1", ...parameters }, audiences, volume });
}

describe("aws dialect against moto, as the role of the pod's service account", () => {
  const objects = `
- { objectName: prod/db, objectType: secretsmanager }
- { objectName: prod/db, objectType: secretsmanager, objectAlias: alias.json, objectVersionLabel: AWSCURRENT }
- { objectName: binary, objectType: secretsmanager, filePermission: "0400" }
`;

  it("mounts secrets under their names, with the store's versions", async () => {
    const { target, podStatus } = await mount({ objects }, "a");
    expect(await readFile(join(target, "prod_db"), "utf8")).toBe('{"password":"p1"}');
    expect(await readFile(join(target, "alias.json"), "utf8")).toBe('{"password":"p1"}');
    expect(await readFile(join(target, "binary"))).toEqual(Buffer.from([0, 255, 1]));
    expect(podStatus.status.objects).toEqual([
      { id: "alias.json", version: versions.db },
      { id: "binary", version: versions.binary },
      { id: "prod_db", version: versions.db },
    ]);
    expect(node.mounts().at(-1)).toMatchObject({ result: "ok", proved: true, storeCalls: { login: 1, read: 3 } });
  });

  it("asks for the role that the annotation names, with the pod's token", async () => {
    expect(kubernetes.requests.some(({ path }) => path === "/api/v1/namespaces/shop/serviceaccounts/payments")).toBe(
      true,
    );
    const before = kubernetes.requests.length;
    await mount({ objects, roleArn }, "b");
    expect(kubernetes.requests.length).toBe(before);
  });

  it("takes a full ARN and its region", async () => {
    const { podStatus } = await mount({ objects: `- { objectName: "${versions.arn}", objectAlias: db }` }, "c");
    expect(podStatus.status.objects).toEqual([{ id: "db", version: versions.db }]);
  });

  it("delivers a rotated secret at the next mount", async () => {
    const one = "- { objectName: rotating, objectType: secretsmanager }";
    await moto.createSecret("eu-west-1", "rotating", "old");
    const before = await mount({ objects: one }, "d");
    const version = await moto.putSecret("eu-west-1", "rotating", "new");
    const after = await mount({ objects: one }, "d");
    expect([after.remount, after.changed, after.podStatus.status.objects]).toEqual([
      true,
      true,
      [{ id: "rotating", version }],
    ]);
    expect(before.podStatus.status.objects[0]?.version).not.toBe(version);
    expect(await readFile(join(after.target, "rotating"), "utf8")).toBe("new");
  });

  it("mounts an empty volume for an empty list", async () => {
    expect((await mount({ objects: "[]" }, "e")).podStatus.status.objects).toEqual([
      { id: "latchkey", version: "empty" },
    ]);
  });

  const failures: readonly [string, Record<string, string>, Partial<{ serviceAccount: string }>, string, RegExp][] = [
    [
      "an unknown secret",
      { objects: "- { objectName: nope, objectType: secretsmanager }" },
      {},
      "NOT_FOUND",
      /LK0034 object "nope", aws-secrets-manager nope as shop\/payments: .*eu-west-1/,
    ],
    [
      "a secret of another region",
      { objects: "- { objectName: elsewhere, objectType: secretsmanager }" },
      {},
      "NOT_FOUND",
      /LK0034/,
    ],
    [
      "an account without the annotation",
      { objects },
      { serviceAccount: "bare" },
      "INVALID_ARGUMENT",
      /LK0014 .*shop\/bare has no annotation eks\.amazonaws\.com\/role-arn/,
    ],
    [
      "an account that does not exist",
      { objects },
      { serviceAccount: "ghost" },
      "INVALID_ARGUMENT",
      /LK0014 .*shop\/ghost does not exist/,
    ],
    ["a region that is none", { objects, region: "evil.example/#" }, {}, "INVALID_ARGUMENT", /LK0003 .*region/],
  ];
  it.each(failures)("says what is wrong: %s", async (name, parameters, pod, code, message) => {
    const error = await node.publishError({
      provider,
      parameters: { region: "eu-west-1", ...parameters },
      audiences,
      pod,
      volume: name.replaceAll(" ", "-"),
    });
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  it("says how to get the token where none came", async () => {
    const error = await node.publishError({
      provider,
      parameters: { region: "eu-west-1", objects },
      volume: "no-token",
    });
    expect(error.code).toBe("UNAUTHENTICATED");
    expect(error.message).toMatch(/LK0011 .*sts\.amazonaws\.com.*tokenRequests/s);
  });
});
