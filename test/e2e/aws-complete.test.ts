import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { filesBelow } from "../driver/atomic-writer.ts";
import { type KubernetesApi, startKubernetes } from "../servers/kubernetes.ts";
import { type Moto, startMoto } from "../servers/moto.ts";
import { type ScriptedServer, startScripted } from "../servers/scripted.ts";
import { createTokenIssuer } from "../tokens.ts";
import { startNode, type TestNode } from "./node.ts";

const provider = "aws";
const audiences = ["sts.amazonaws.com", "pods.eks.amazonaws.com"];
const annotations = { "eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/payments" };
const nodePath = "/api/v1/nodes/node-1";

let moto: Moto;
let kubernetes: KubernetesApi;
let agent: ScriptedServer;
let node: TestNode;

beforeAll(async () => {
  moto = await startMoto();
  const issuer = await createTokenIssuer();
  kubernetes = await startKubernetes(issuer);
  kubernetes.setServiceAccount("shop", "payments", { annotations });
  kubernetes.setPod("shop", "web-0", { uid: "uid-0", serviceAccount: "payments", node: "node-1" });
  kubernetes.setNode("node-1", { "topology.kubernetes.io/region": "eu-west-1" });
  const expires = new Date(Date.now() + 3_600_000).toISOString();
  const credentials = { AccessKeyId: "ASIA", SecretAccessKey: "key", Token: "token", Expiration: expires };
  agent = await startScripted(() => ({ body: credentials }));
  await fill(moto);
  node = await startNode({
    ...{ issuer, cluster: kubernetes },
    flags: { awsEndpointUrl: moto.url, awsPodIdentityUrl: agent.url },
  });
});

async function fill({ createSecret, putParameter }: Moto): Promise<void> {
  const region = "eu-west-1";
  await createSecret(region, "db", '{"user":"svc","pass":"p<1>","port":5432,"tls":{"api-key":"k"},"blob":"AP8="}');
  await createSecret(region, "encoded", "c2VjcmV0");
  await createSecret(region, "text", "no JSON");
  await createSecret(region, "flags", '{"a":"x","n":1.50}');
  await createSecret(region, "list", "[1]");
  await createSecret(region, "odd", '{"":"x"}');
  await createSecret(region, "a", "x");
  await putParameter(region, "/shop/url", "one");
  await putParameter(region, "/shop/url", "two", "String", ["live"]);
  await putParameter(region, "/shop/url", "three");
  await putParameter(region, "/shop/key", "k1", "SecureString");
}

afterAll(async () => {
  await node?.stop();
  await Promise.all([moto?.stop(), kubernetes?.stop(), agent?.stop()]);
});

const pod = { name: "web-0", uid: "uid-0" };

async function mount(objects: string, volume: string, parameters: Record<string, string> = {}) {
  const published = await node.publish({ provider, parameters: { objects, ...parameters }, audiences, volume, pod });
  const names = await filesBelow(join(published.target, "..data"));
  const texts = names.map(async (name) => [name, await readFile(join(published.target, name), "latin1")] as const);
  return { ...published, files: Object.fromEntries(await Promise.all(texts)) };
}

async function problem(objects: string, parameters: Record<string, string> = {}) {
  const volume = `wrong-${objects.length}-${Object.keys(parameters).length}`;
  return await node.publishError({ provider, parameters: { objects, ...parameters }, audiences, volume, pod });
}

describe("Parameter Store", () => {
  const objects = `
- { objectName: /shop/url, objectType: ssmparameter, objectAlias: latest }
- { objectName: /shop/url, objectType: ssmparameter, objectAlias: first, objectVersion: 1 }
- { objectName: /shop/url, objectType: ssmparameter, objectAlias: live, objectVersionLabel: live }
- { objectName: "/shop/url:2", objectType: ssmparameter, objectAlias: second }
- { objectName: /shop/key, objectType: ssmparameter, filePermission: "0400" }
- { objectName: db, objectType: secretsmanager }
`;

  it("gives each file its own version, beside secrets, for one login", async () => {
    const { files, podStatus, target } = await mount(objects, "ssm");
    expect(files).toMatchObject({ latest: "three", first: "one", live: "two", second: "two", _shop_key: "k1" });
    expect((await stat(join(target, "_shop_key"))).mode & 0o777).toBe(0o400);
    expect(podStatus.status.objects.filter(({ id }) => id !== "db")).toEqual([
      { id: "_shop_key", version: "1" },
      { id: "first", version: "1" },
      { id: "latest", version: "3" },
      { id: "live", version: "2" },
      { id: "second", version: "2" },
    ]);
    // Four names of one parameter are four requests, which the other parameter goes with; the secret is one.
    expect(node.mounts().at(-1)).toMatchObject({ storeCalls: { login: 1, read: 5 } });
    await mount(objects, "ssm");
    expect(node.mounts().at(-1)).toMatchObject({ storeCalls: { login: 0, read: 0 }, cached: 6 });
  });

  it("names what does not exist, with the region", async () => {
    const { code, message } = await problem("- { objectName: /shop/none, objectType: ssmparameter }");
    expect(code).toBe("NOT_FOUND");
    expect(message).toMatch(/LK0034 .*Parameter Store in eu-west-1 has no \/shop\/none: invalid parameters/);
  });

  it("tells a foreign ARN with a selector apart, without harm", async () => {
    const arn = "arn:aws:ssm:eu-west-1:999999999999:parameter/shop/url:1";
    expect((await problem(`- { objectName: "${arn}", objectAlias: x }`)).message).toContain("LK003");
  });
});

describe("the region", () => {
  it("is the node's where nobody names one, and is asked for once", async () => {
    await mount("- { objectName: db, objectType: secretsmanager }", "region-1");
    await mount("- { objectName: text, objectType: secretsmanager }", "region-2");
    expect(kubernetes.requests.filter(({ path }) => path === nodePath).length).toBe(1);
  });
});

describe("jmesPath", () => {
  it("makes files of single values, beside the whole", async () => {
    const objects = `
- objectName: db
  objectType: secretsmanager
  filePermission: "0440"
  jmesPath:
    - { path: user, objectAlias: dbuser }
    - { Path: pass, ObjectAlias: dir/pass, filePermission: "0400" }
    - { path: 'tls."api-key"', objectAlias: key }
    - { path: to_string(port), objectAlias: port }
    - { path: port, objectAlias: port2, stringify: true }
    - { path: tls, objectAlias: tls, stringify: "true" }
    - { path: "join('@', [user, pass])", objectAlias: joined }
    - { path: blob, objectAlias: blob, decode: base64 }
- { objectName: encoded, objectType: secretsmanager, decode: base64 }
`;
    const { files, podStatus, target } = await mount(objects, "jmes");
    expect(files).toEqual({
      db: '{"user":"svc","pass":"p<1>","port":5432,"tls":{"api-key":"k"},"blob":"AP8="}',
      ...{ dbuser: "svc", dir_pass: "p<1>", key: "k", port: "5432", port2: "5432", tls: '{"api-key":"k"}' },
      ...{ joined: "svc@p<1>", blob: "\u0000\u00ff", encoded: "secret" },
    });
    const modes = ["db", "dbuser", "dir_pass"].map(async (name) => (await stat(join(target, name))).mode & 0o777);
    expect(await Promise.all(modes)).toEqual([0o440, 0o440, 0o400]);
    expect(
      new Set(podStatus.status.objects.filter(({ id }) => id !== "encoded").map(({ version }) => version)).size,
    ).toBe(1);
  });

  const entry = (path: string, name = "db") =>
    `- { objectName: ${name}, objectType: secretsmanager, jmesPath: [{ path: "${path}", objectAlias: x }] }`;
  it.each([
    [
      entry("nothing"),
      "NOT_FOUND",
      'LK0035 object "db", jmesPath "nothing", aws-secrets-manager db: the JMESPath "nothing" does not point to a valid object',
    ],
    [
      entry("port"),
      "INVALID_ARGUMENT",
      'LK0040 object "db", jmesPath "port", aws-secrets-manager db: the JMESPath "port" gives a number; only string is allowed',
    ],
    [entry("tls"), "INVALID_ARGUMENT", "gives an object; only string is allowed"],
    [entry("merge('a')"), "INVALID_ARGUMENT", "cannot be evaluated: merge() takes object there"],
    [entry("merge(@, 'a')"), "INVALID_ARGUMENT", "cannot be evaluated: merge() takes object there"],
    [
      entry("a", "text"),
      "INVALID_ARGUMENT",
      'LK0040 object "text", jmesPath "a", aws-secrets-manager text: the secret is not JSON',
    ],
    [entry(`${"[@, @][] | ".repeat(60)}@`), "FAILED_PRECONDITION", "LK0043"],
  ])("says what is wrong: %s", async (objects, code, message) => {
    const error = await problem(objects);
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(message)]);
    expect(error.message).not.toMatch(/p<1>|svc/);
  });
});

describe("allKeys", () => {
  it("makes a file of each key, below the alias where there is one", async () => {
    const objects = `
- { objectName: db, objectType: secretsmanager, objectAlias: db, allKeys: true, filePermission: "0400" }
- { objectName: flags, objectType: secretsmanager, allKeys: true }
`;
    const { files, target, podStatus } = await mount(objects, "all-keys", { pathTranslation: "False" });
    expect(await filesBelow(join(target, "..data"))).toEqual([
      ...["a", "db/blob", "db/pass", "db/port", "db/tls", "db/user", "n"],
    ]);
    expect([files.a, files.n]).toEqual(["x", "1.50"]);
    expect(await readFile(join(target, "db/tls"), "utf8")).toBe('{"api-key":"k"}');
    expect((await stat(join(target, "db/user"))).mode & 0o777).toBe(0o400);
    const ofDb = podStatus.status.objects.filter(({ id }) => id.startsWith("db/"));
    expect([ofDb.length, new Set(ofDb.map(({ version }) => version)).size]).toEqual([5, 1]);
  });

  it.each([
    ["- { objectName: text, objectType: secretsmanager, allKeys: true }", "LK0040", "the secret is not JSON"],
    ["- { objectName: list, objectType: secretsmanager, allKeys: true }", "LK0040", "the secret is not a JSON object"],
    [
      "- { objectName: odd, objectType: secretsmanager, allKeys: true }",
      "LK0003",
      'object "odd", key "": "": the path is empty',
    ],
    [
      "[{ objectName: a, objectType: secretsmanager }, { objectName: flags, objectType: secretsmanager, allKeys: true }]",
      "LK0003",
      'object "flags", key "a": "a": the path is already taken by object "a"',
    ],
    [
      "- { objectName: db, objectType: secretsmanager, allKeys: perhaps }",
      "LK0003",
      'allKeys: "perhaps" is not a boolean',
    ],
  ])("says what is wrong: %s", async (objects, id, message) => {
    const error = await problem(objects);
    expect([error.message.includes(id), error.message]).toEqual([true, expect.stringContaining(message)]);
  });
});

describe("EKS Pod Identity", () => {
  it("gives credentials to each pod by itself", async () => {
    const objects = "- { objectName: db, objectType: secretsmanager }";
    const parameters = { usePodIdentity: "true", region: "eu-west-1" };
    await mount(objects, "pod-identity", parameters);
    await mount(objects, "pod-identity", parameters);
    expect(agent.requests.length).toBe(1);
    const other = { name: "web-1", uid: "uid-1" };
    await node.publish({
      provider,
      parameters: { objects, ...parameters },
      audiences,
      volume: "pod-identity",
      pod: other,
    });
    expect(agent.requests.length).toBe(2);
    expect(node.mounts().at(-1)).toMatchObject({ storeCalls: { login: 1, read: 1 } });
    expect(agent.requests[0]?.headers.authorization).toMatch(/^ey/);
  });
});

describe("a second role", () => {
  it("is assumed, with an external id", async () => {
    const parameters = {
      region: "eu-west-1",
      assumeRoleArn: "arn:aws:iam::123456789012:role/second",
      assumeRoleExternalId: "shop-1",
      assumeRoleSessionTags: "team=shop",
    };
    const { files } = await mount("- { objectName: text, objectType: secretsmanager }", "second", parameters);
    expect([files, node.mounts().at(-1)]).toEqual([
      { text: "no JSON" },
      expect.objectContaining({ storeCalls: { login: 2, read: 1 } }),
    ]);
  });
});
