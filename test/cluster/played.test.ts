import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type KubernetesApi, startKubernetes } from "../servers/kubernetes.ts";
import { createTokenIssuer } from "../tokens.ts";
import { type ApiAnswer, type ApiCall, type ApiClient, createApiClient } from "./api-client.ts";
import { issuer } from "./api-server.ts";
import { type Cluster, longestStart, startCluster } from "./cluster.ts";
import { makeClass, makeNamespace, makeNode, makePod, requestToken } from "./objects.ts";
import { shapeFaults } from "./shape.ts";

/** One of the two clusters, with the same objects in it. */
interface World {
  readonly api: ApiClient;
  readonly podUid: string;
  readonly classUid: string;
  readonly classVersion: string;
  /** `uid` and `resourceVersion` of a Secret as it is now. */
  seen(name: string): Promise<{ readonly uid: string; readonly resourceVersion: string }>;
}

const accountRole = { "eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/payments" };
const region = { "topology.kubernetes.io/region": "eu-west-1" };
const classSpec = { provider: "latchkey", parameters: { secrets: "[]" } };
const classes = "/apis/secrets-store.csi.x-k8s.io/v1/namespaces/shop/secretproviderclasses";
const secrets = "/api/v1/namespaces/shop/secrets";
const metadataAlone = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
const base64 = (text: string) => Buffer.from(text).toString("base64");

let cluster: Cluster;
let played: KubernetesApi;
let worlds: { readonly real: World; readonly played: World };

beforeAll(async () => {
  [cluster, played] = await Promise.all([
    startCluster(),
    createTokenIssuer({ issuer, algorithm: "RS256" }).then(startKubernetes),
  ]);
  worlds = { real: await realWorld(), played: await playedWorld() };
}, longestStart);

afterAll(async () => {
  await worlds?.real.api.close();
  await worlds?.played.api.close();
  await played?.stop();
  await cluster?.stop();
});

async function realWorld(): Promise<World> {
  await makeNamespace(cluster, "shop", ["payments", "bare"]);
  await cluster.admin.patch("/api/v1/namespaces/shop/serviceaccounts/payments", {
    metadata: { annotations: accountRole },
  });
  await makeNode(cluster, "node-1", region);
  const podUid = await makePod(cluster, { namespace: "shop", name: "web-0", serviceAccount: "payments" });
  await makeClass(cluster, "shop", "db", classSpec);
  await makeClass(cluster, "shop", "empty", { provider: "latchkey" });
  await cluster.admin.create(secrets, { metadata: { name: "theirs" }, data: { password: base64("p") } });
  await cluster.admin.create("/apis/rbac.authorization.k8s.io/v1/clusterroles", {
    metadata: { name: "latchkey" },
    rules: [
      { apiGroups: [""], resources: ["serviceaccounts", "pods", "nodes"], verbs: ["get"] },
      { apiGroups: [""], resources: ["serviceaccounts/token"], verbs: ["create"] },
      { apiGroups: [""], resources: ["secrets"], verbs: ["get", "create", "patch"] },
      { apiGroups: ["secrets-store.csi.x-k8s.io"], resources: ["secretproviderclasses"], verbs: ["get"] },
    ],
  });
  await makeNamespace(cluster, "latchkey", ["latchkey"]);
  await cluster.admin.create("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", {
    metadata: { name: "latchkey" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "latchkey" },
    subjects: [{ kind: "ServiceAccount", name: "latchkey", namespace: "latchkey" }],
  });
  const { token } = await requestToken(cluster, { namespace: "latchkey", serviceAccount: "latchkey" });
  const api = cluster.clientOf(token);
  return await worldOf(api, podUid);
}

async function playedWorld(): Promise<World> {
  played.setServiceAccount("shop", "payments", { annotations: accountRole });
  played.setServiceAccount("shop", "bare", {});
  played.setNode("node-1", region);
  played.setPod("shop", "web-0", { uid: "uid-web-0", serviceAccount: "payments", node: "node-1" });
  played.setClass("shop", "db", classSpec);
  played.setClass("shop", "empty", { provider: "latchkey", parameters: {} });
  played.setSecret("shop", "theirs", { password: base64("p") });
  return await worldOf(createApiClient(played.url, played.caPem, played.token), "uid-web-0");
}

async function worldOf(api: ApiClient, podUid: string): Promise<World> {
  type Object = { metadata: { uid: string; resourceVersion: string } };
  const answer = await api.call({ method: "GET", path: `${classes}/db` });
  const { uid, resourceVersion } = answer.json<Object>().metadata;
  return {
    ...{ api, podUid, classUid: uid, classVersion: resourceVersion },
    seen: async (name) => {
      const headers = { accept: metadataAlone };
      return (await api.call({ method: "GET", path: `${secrets}/${name}`, headers })).json<Object>().metadata;
    },
  };
}

type Request = (world: World) => ApiCall | Promise<ApiCall>;

function get(path: string, accept?: string): Request {
  return () => ({ method: "GET", path, ...(accept === undefined ? {} : { headers: { accept } }) });
}

function createToken(account: string, pod: string, uid?: string, audiences: readonly string[] = ["vault"]): Request {
  return ({ podUid }) => ({
    method: "POST",
    path: `/api/v1/namespaces/shop/serviceaccounts/${account}/token`,
    body: {
      ...{ apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest" },
      spec: {
        audiences,
        expirationSeconds: 900,
        boundObjectRef: { apiVersion: "v1", kind: "Pod", name: pod, uid: uid ?? podUid },
      },
    },
  });
}

function createSecret(name: string, over: object = {}): Request {
  const metadata = { name, namespace: "shop" };
  const body = { apiVersion: "v1", kind: "Secret", metadata, immutable: true, data: { key: base64("k") }, ...over };
  return () => ({ method: "POST", path: secrets, body });
}

/** `over` goes over the whole object, `version` over its metadata. */
function apply(
  name: string,
  { over = {}, version }: { over?: object; version: (world: World) => object | Promise<object> },
): Request {
  return async (world) => ({
    method: "PATCH",
    path: `${secrets}/${name}?fieldManager=latchkey&force=false`,
    headers: { accept: metadataAlone, "content-type": "application/apply-patch+yaml" },
    body: JSON.stringify({
      ...{ apiVersion: "v1", kind: "Secret", type: "Opaque", data: { password: base64("p") } },
      metadata: {
        ...{ name, namespace: "shop", labels: { "app.kubernetes.io/managed-by": "latchkey" } },
        annotations: { "latchkey.dev/content": "digest" },
        ownerReferences: [
          {
            ...{ apiVersion: "secrets-store.csi.x-k8s.io/v1", kind: "SecretProviderClass" },
            ...{ name: "db", uid: world.classUid },
          },
        ],
        ...(await version(world)),
      },
      ...over,
    }),
  });
}

const createOnly = ({ classVersion }: World) => ({ resourceVersion: classVersion });
const overSeen =
  (name: string) =>
  async ({ seen }: World) => {
    const { uid, resourceVersion } = await seen(name);
    return { uid, resourceVersion };
  };

const overOlder = (name: string) => async (world: World) => ({
  ...(await overSeen(name)(world)),
  resourceVersion: world.classVersion,
});

const json = "application/json";
const requests: readonly (readonly [what: string, status: number, request: Request])[] = [
  ["the keys", 200, get("/openid/v1/jwks", "application/json, application/jwk-set+json")],
  ["the keys as plain JSON", 406, get("/openid/v1/jwks", json)],
  ["the discovery document", 200, get("/.well-known/openid-configuration", json)],
  ["an account with an annotation", 200, get("/api/v1/namespaces/shop/serviceaccounts/payments")],
  ["an account without one", 200, get("/api/v1/namespaces/shop/serviceaccounts/bare")],
  ["an account that is missing", 404, get("/api/v1/namespaces/shop/serviceaccounts/nobody")],
  ["a pod", 200, get("/api/v1/namespaces/shop/pods/web-0")],
  ["a pod that is missing", 404, get("/api/v1/namespaces/shop/pods/ghost")],
  ["a node", 200, get("/api/v1/nodes/node-1")],
  ["a node that is missing", 404, get("/api/v1/nodes/ghost")],
  ["a class", 200, get(`${classes}/db`)],
  ["a class without parameters", 200, get(`${classes}/empty`)],
  ["a class that is missing", 404, get(`${classes}/ghost`)],
  ["a Secret", 200, get(`${secrets}/theirs`)],
  ["a Secret's metadata", 200, get(`${secrets}/theirs`, metadataAlone)],
  ["a Secret that is missing", 404, get(`${secrets}/ghost`)],
  ["the metadata of a Secret that is missing", 404, get(`${secrets}/ghost`, metadataAlone)],
  ["a token for a pod", 201, createToken("payments", "web-0")],
  ["a token for the API server itself", 201, createToken("payments", "web-0", undefined, [])],
  ["a token of a missing account", 404, createToken("nobody", "web-0")],
  ["a token for a missing pod", 404, createToken("payments", "ghost", "none")],
  ["a token for a pod of another uid", 409, createToken("payments", "web-0", "00000000-0000-0000-0000-000000000000")],
  ["a token for a pod of another account", 400, createToken("bare", "web-0")],
  ["a new Secret", 201, createSecret("key")],
  ["a Secret that is there", 409, createSecret("key")],
  ["a Secret of a bad name", 422, createSecret("Not_A_Name")],
  ["an apply that makes a Secret", 201, apply("made", { version: createOnly })],
  ["the metadata of what an apply made", 200, get(`${secrets}/made`, metadataAlone)],
  ["an apply that may only make, over one that is there", 409, apply("made", { version: createOnly })],
  ["an apply over the version that was seen", 200, apply("made", { version: overSeen("made") })],
  ["an apply over another version", 409, apply("made", { version: overOlder("made") })],
  [
    "an apply over fields of another manager",
    409,
    apply("theirs", { version: overSeen("theirs"), over: { data: { password: base64("mine") } } }),
  ],
  ["an apply of another type", 422, apply("made", { version: overSeen("made"), over: { type: "kubernetes.io/tls" } })],
  [
    "an apply of a type without its keys",
    422,
    apply("tls", { version: createOnly, over: { type: "kubernetes.io/tls" } }),
  ],
  [
    "an apply of a key that is not one",
    422,
    apply("bad-key", { version: createOnly, over: { data: { "a/b": base64("p") } } }),
  ],
  [
    "anything with a token that is not one",
    401,
    () => ({ method: "GET", path: "/api/v1/nodes/node-1", token: "nonsense" }),
  ],
];

function essence({ status, contentType, text }: ApiAnswer) {
  return { status, contentType: contentType.replace(/;\s*charset=utf-8$/i, ""), isJson: text.startsWith("{") };
}

describe("the played API server answers as the real one", () => {
  it.each(requests)("%s: %d", async (_, expected, request) => {
    const real = await worlds.real.api.call(await request(worlds.real));
    const told = await worlds.played.api.call(await request(worlds.played));
    expect(essence(real).status, real.text).toBe(expected);
    expect(essence(told), told.text).toEqual(essence(real));
    if (essence(real).isJson) expect(shapeFaults(told.json(), real.json())).toEqual([]);
  });
});
