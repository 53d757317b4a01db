import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { KubernetesApi as PlayedServer } from "../servers/kubernetes.ts";
import type { Admission } from "../servers/kubernetes-admission.ts";
import { type Cluster, longestStart } from "./cluster.ts";
import { denyByPolicy } from "./policy.ts";
import { type Ask, rbac, startTwoApis, type TwoApis } from "./two-apis.ts";
import { until } from "./until.ts";
import { startWebhook, webhookName } from "./webhook.ts";

let apis: TwoApis;
let cluster: Cluster;
let server: PlayedServer;
let makeSpace: TwoApis["makeSpace"];
let both: TwoApis["both"];

const { signal } = new AbortController();

beforeAll(async () => {
  apis = await startTwoApis();
  ({ cluster, played: server, makeSpace, both } = apis);
}, longestStart);

afterAll(() => apis?.stop());

const pathOf = (namespace: string, name = "db") => `/api/v1/namespaces/${namespace}/secrets/${name}`;

function secretOf(namespace: string, over: object = {}, metadata: object = {}) {
  const data = { password: Buffer.from("correct horse").toString("base64") };
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "db", namespace, ...metadata },
    type: "Opaque",
    data,
    ...over,
  };
}

const applying =
  (over: object = {}, metadata: object = {}): Ask =>
  (api, namespace) =>
    api.apply(pathOf(namespace), secretOf(namespace, over, metadata), "latchkey", signal);

const creating: Ask = (api, namespace) => {
  const { type: _, ...secret } = secretOf(namespace, { immutable: true });
  return api.create(`/api/v1/namespaces/${namespace}/secrets`, secret, signal);
};

const getting =
  (path: (namespace: string) => string): Ask =>
  (api, namespace) =>
    api.get(path(namespace), signal);

const spc = "/apis/secrets-store.csi.x-k8s.io/v1";

describe("a right that Latchkey does not have is told alike by the real API and the played one", () => {
  const asks: readonly (readonly [what: string, ask: Ask, right: string])[] = [
    ["a Secret", getting((namespace) => pathOf(namespace)), "`get` for `secrets` in the namespace"],
    ["its metadata", (api, namespace) => api.metadata(pathOf(namespace), signal), "`get` for `secrets`"],
    [
      "a class",
      getting((namespace) => `${spc}/namespaces/${namespace}/secretproviderclasses/db`),
      "`get` for `secretproviderclasses` in the namespace",
    ],
    [
      "an account",
      getting((namespace) => `/api/v1/namespaces/${namespace}/serviceaccounts/web`),
      "`get` for `serviceaccounts`",
    ],
    ["a pod", getting((namespace) => `/api/v1/namespaces/${namespace}/pods/web`), "`get` for `pods`"],
    ["a node", getting(() => "/api/v1/nodes/node-1"), "`get` for `nodes` at the cluster scope"],
    [
      "a token",
      (api, namespace) => api.create(`/api/v1/namespaces/${namespace}/serviceaccounts/web/token`, {}, signal),
      "`create` for `serviceaccounts/token`",
    ],
    ["a new Secret", creating, "`create` for `secrets`"],
    ["an apply", applying(), "`patch` for `secrets`"],
  ];
  it.each(asks)("%s", async (_, ask, right) => {
    const outcome = await both(ask, await makeSpace([]));
    expect(outcome).toMatchObject({ id: "LK0013", fix: expect.stringContaining(`the right ${right}`) });
  });

  it("to create, where an apply finds nothing", async () => {
    const outcome = await both(applying(), await makeSpace(["get", "patch"]));
    expect(outcome).toMatchObject({ id: "LK0013", fix: expect.stringContaining("the right `create` for `secrets`") });
  });
});

describe("a refusal that is no missing right is told alike by both", () => {
  const quota: Ask[] = [applying(), creating];
  it("of a quota", async () => {
    const namespace = await makeSpace();
    const path = `/api/v1/namespaces/${namespace}/resourcequotas`;
    await cluster.admin.create(path, { metadata: { name: "few" }, spec: { hard: { "count/secrets": "0" } } });
    const status = () => cluster.admin.get<{ status?: { hard?: object } }>(`${path}/few`);
    await until(status, (each) => each?.status?.hard !== undefined);
    server.secrets.setAdmission(namespace, { kind: "quota" });
    for (const ask of quota) expect(await both(ask, namespace)).toMatchObject({ id: "LK0013", code: "403" });
  });

  it("of a namespace that is going away", async () => {
    const namespace = await makeSpace();
    const held = `/api/v1/namespaces/${namespace}/configmaps`;
    await cluster.admin.create(held, { metadata: { name: "held", finalizers: ["example.com/held"] } });
    // What the namespace holds goes first, Latchkey's rights too.
    const roles = ["roles", "rolebindings"].map((kind) => `${rbac}/namespaces/${namespace}/${kind}/latchkey`);
    for (const role of roles) await cluster.admin.patch(role, { metadata: { finalizers: ["example.com/held"] } });
    await cluster.admin.delete(`/api/v1/namespaces/${namespace}`);
    server.secrets.setAdmission(namespace, { kind: "terminating" });
    expect(await both(applying(), namespace)).toMatchObject({ id: "LK0013", fix: expect.stringContaining("is gone") });
    for (const each of [`${held}/held`, ...roles]) await cluster.admin.patch(each, { metadata: { finalizers: null } });
  });

  it.each([undefined, "Forbidden"] as const)("of a policy, with the reason %s", async (reason) => {
    const namespace = await makeSpace();
    const message = "no Secrets on Fridays";
    const given = reason === undefined ? {} : { reason };
    const remove = await denyByPolicy(cluster, namespace, { message, name: "team.example.com", ...given });
    server.secrets.setAdmission(namespace, { kind: "policy", message: () => message, ...given });
    for (const ask of [applying(), creating]) {
      expect(await both(ask, namespace)).toMatchObject({
        ...{ id: "LK0019", code: reason === undefined ? "422" : "403" },
        message: expect.stringContaining(message),
      });
    }
    await remove();
  });

  it.each([400, 401, 403, 404, 409, 422, 429, 500, 503])("of a webhook, with the status %d", async (code) => {
    const namespace = await makeSpace();
    const webhook = await startWebhook(cluster, namespace, { denies: "ask the team", code });
    setWebhook(namespace, { kind: "webhook", status: code, message: () => "ask the team" });
    expect(await both(applying(), namespace)).toMatchObject({ id: "LK0019", code: String(code) });
    await webhook.stop();
  });

  it("of a webhook that cannot be called", async () => {
    const namespace = await makeSpace();
    const webhook = await startWebhook(cluster, namespace, "cut");
    setWebhook(namespace, { kind: "webhookDown" });
    expect(await both(applying(), namespace)).toMatchObject({ id: "LK0012", code: "500" });
    await webhook.stop();
  });
});

function setWebhook(namespace: string, admission: Admission & { readonly kind: "webhook" | "webhookDown" }): void {
  server.secrets.setAdmission(namespace, { ...admission, name: webhookName });
}

describe("what is wrong with an applied Secret is told alike by both", () => {
  const tooLong = (bytes: number) => ({ data: { password: Buffer.alloc(bytes, "x").toString("base64") } });
  const cases: readonly (readonly [what: string, over: object, metadata: object, faults: readonly object[]])[] = [
    ["more than a MiB", tooLong(1024 ** 2 + 1), {}, [{ field: "data", reason: "FieldValueTooLong" }]],
    ["more than a request may have", tooLong(4 * 1024 ** 2), {}, [{ field: "data", reason: "FieldValueTooLong" }]],
    [
      "long annotations",
      {},
      { annotations: { "example.com/note": "x".repeat(262_144) } },
      [{ field: "metadata.annotations", reason: "FieldValueTooLong" }],
    ],
    [
      "a type without its keys",
      { type: "kubernetes.io/tls" },
      {},
      [
        { field: "data[tls.crt]", reason: "FieldValueRequired" },
        { field: "data[tls.key]", reason: "FieldValueRequired" },
      ],
    ],
    ["a key that is none", { data: { "a/b": "" } }, {}, [{ field: "data[a/b]", reason: "FieldValueInvalid" }]],
  ];
  it.each(cases)("%s", async (_, over, metadata, faults) => {
    expect(await both(applying(over, metadata), await makeSpace())).toEqual({ kind: "rejected", faults });
  });

  it("another type than before, and a value of one that is immutable", async () => {
    const namespace = await makeSpace();
    await both(applying({ immutable: true }), namespace);
    const type = { field: "type", reason: "FieldValueInvalid" };
    expect(await both(applying({ immutable: true, type: "example.com/own" }), namespace)).toEqual({
      ...{ kind: "rejected", faults: [type] },
    });
    expect(await both(applying({ immutable: true, data: { password: "bmV3" } }), namespace)).toEqual({
      ...{ kind: "rejected", faults: [{ field: "data", reason: "FieldValueForbidden" }] },
    });
  });

  it("a uid that nothing has, or something else has", async () => {
    const namespace = await makeSpace();
    const uid = "00000000-0000-0000-0000-000000000000";
    expect(await both(applying({}, { uid, resourceVersion: "1" }), namespace)).toEqual({ kind: "stale" });
    await both(applying(), namespace);
    expect(await both(applying({}, { uid, resourceVersion: "1" }), namespace)).toEqual({ kind: "stale" });
  });
});

describe("the keys, where nobody lets every account read them", () => {
  it("are refused alike by both, with the cluster role that is to be bound", async () => {
    await cluster.admin.delete(`${rbac}/clusterrolebindings/system:service-account-issuer-discovery`);
    server.setFault(403);
    for (const path of ["/openid/v1/jwks", "/.well-known/openid-configuration"]) {
      const accept = path.endsWith("jwks") ? "application/json, application/jwk-set+json" : "application/json";
      const ask: Ask = (api) => api.get(path, signal, accept);
      const refused = await until(
        () => apis.real(ask, ""),
        (outcome) => typeof outcome === "object" && outcome !== null && "id" in outcome,
      );
      expect(refused).toMatchObject({
        id: "LK0013",
        fix: expect.stringContaining("system:service-account-issuer-discovery"),
      });
      expect(await both(ask, "")).toEqual(refused);
    }
  });
});
