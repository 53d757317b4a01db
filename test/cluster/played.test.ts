import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type KubernetesApi, startKubernetes } from "../servers/kubernetes.ts";
import { heldForms, metadataAlone } from "../servers/kubernetes-requests.ts";
import { createTokenIssuer } from "../tokens.ts";
import { type ApiAnswer, type ApiClient, createApiClient } from "./api-client.ts";
import { issuer } from "./api-server.ts";
import { type Cluster, longestStart, startCluster } from "./cluster.ts";
import { makeClass, makeNamespace, makeNode, makePod, requestToken } from "./objects.ts";
import { base64, classes, formsOfRequests, type NamedObjects, requests, secrets } from "./requests.ts";
import { shapeFaults } from "./shape.ts";

/** One of the two clusters, with the same objects in it. */
interface World extends NamedObjects {
  readonly api: ApiClient;
}

const accountRole = { "eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/payments" };
const region = { "topology.kubernetes.io/region": "eu-west-1" };
const classSpec = { provider: "latchkey", parameters: { secrets: "[]" } };

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

function essence({ status, contentType, text }: ApiAnswer) {
  return { status, contentType: contentType.replace(/;\s*charset=utf-8$/i, ""), isJson: text.startsWith("{") };
}

describe("the played API server answers as the real one", () => {
  it("to every request that Latchkey makes", async () => {
    expect([...(await formsOfRequests())].sort()).toEqual([...heldForms].sort());
  });

  it.each(requests)("%s: %d", async (_, expected, request) => {
    const real = await worlds.real.api.call(await request(worlds.real));
    const told = await worlds.played.api.call(await request(worlds.played));
    expect(essence(real).status, real.text).toBe(expected);
    expect(essence(told), told.text).toEqual(essence(real));
    if (essence(real).isJson) expect(shapeFaults(told.json(), real.json())).toEqual([]);
  });
});
