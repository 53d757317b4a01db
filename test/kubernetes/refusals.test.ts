import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { ProviderError } from "../../src/errors.ts";
import type { KubernetesApi } from "../../src/kubernetes/api.ts";
import { openKubernetesApi } from "../../src/node/cluster.ts";
import { loadConfig } from "../../src/node/load-config.ts";
import type { KubernetesApi as TestServer } from "../servers/kubernetes.ts";
import type { Admission } from "../servers/kubernetes-admission.ts";
import { openTestApi, type TestApi } from "../servers/kubernetes-client.ts";
import { createTokenIssuer, type TokenIssuer } from "../tokens.ts";

const namespace = "shop";
const secrets = `/api/v1/namespaces/${namespace}/secrets`;
const path = `${secrets}/db`;
const { signal } = new AbortController();

let opened: TestApi;
let directory: string;
let issuer: TokenIssuer;
let server: TestServer;
let api: KubernetesApi;

beforeAll(async () => {
  issuer = await createTokenIssuer();
  opened = await openTestApi(issuer);
  ({ server, directory } = opened);
  // As a node opens it.
  const flags = Object.entries({ ...opened.flags, versionKey: "ephemeral" });
  const own = await openKubernetesApi(await loadConfig({ flags: new Map(flags), env: {} }));
  if (own === undefined) throw new Error("there is an API");
  api = own;
});

afterEach(async () => {
  server.setFault("none");
  server.setRights(undefined);
  server.secrets.setAdmission(namespace, undefined);
  server.acceptToken("token");
  await writeFile(join(directory, "token"), "token");
});

afterAll(async () => {
  api?.close();
  await opened?.stop();
});

function secretOf(value: string) {
  const data = { password: Buffer.from(value).toString("base64") };
  return { apiVersion: "v1", kind: "Secret", metadata: { name: "db", namespace }, type: "Opaque", data };
}

/** The error that a call throws: id, the API's code, message and fix. */
async function errorOf(work: Promise<unknown>) {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ProviderError)) throw new Error("a ProviderError was expected");
  const { id, message, details } = error;
  return { id, code: details.storeCode, message: message.replace(server.url, "URL"), fix: details.fix };
}

const apply = (value = "correct horse") => api.apply(path, secretOf(value), "latchkey", signal);

describe("a request", () => {
  it("says whose it is", async () => {
    await api.get("/api/v1/nodes/none", signal);
    expect(server.requests.at(-1)?.headers["user-agent"]).toBe(`latchkey/${packageJson.version}`);
  });
});

describe("a refusal that is a missing right", () => {
  it("names the right, whose it is and where", async () => {
    server.setRights([]);
    expect(await errorOf(api.get(path, signal))).toEqual({
      ...{ id: "LK0013", code: "403" },
      message: `the Kubernetes API answered 403 to GET ${path}: secrets "db" is forbidden: User "system:serviceaccount:kube-system:latchkey" cannot get resource "secrets" in API group "" in the namespace "shop"`,
      fix: "give Latchkey's service account the right `get` for `secrets` in the namespace shop; LK0013 in docs/errors.md names the value of the chart that does",
    });
    expect((await errorOf(api.get("/api/v1/nodes/a", signal))).fix).toContain(
      "`get` for `nodes` at the cluster scope;",
    );
    const token = `/api/v1/namespaces/${namespace}/serviceaccounts/web/token`;
    expect((await errorOf(api.create(token, {}, signal))).fix).toContain("`create` for `serviceaccounts/token` in");
  });

  it("to read the cluster's keys names the cluster role that gives it", async () => {
    server.setFault(403);
    for (const each of ["/openid/v1/jwks", "/.well-known/openid-configuration"]) {
      expect(await errorOf(api.get(each, signal))).toEqual({
        ...{ id: "LK0013", code: "403" },
        message: `the Kubernetes API answered 403 to GET ${each}: forbidden: User "system:serviceaccount:kube-system:latchkey" cannot get path "${each}"`,
        fix: "bind the cluster role system:service-account-issuer-discovery to Latchkey's service account, or give the keys by --token-keys and --token-issuer",
      });
    }
  });
});

describe("a refusal that is no missing right", () => {
  const cases: readonly (readonly [string, Admission, string | RegExp, string])[] = [
    [
      "a quota",
      { kind: "quota" },
      /^the .* answered 403 to PATCH .*\/db: secrets "db" is forbidden: exceeded quota: few, requested: count\/secrets=1/,
      "raise the ResourceQuota",
    ],
    [
      "a namespace that is being deleted",
      { kind: "terminating" },
      /because it is being terminated$/,
      "wait until the namespace is gone",
    ],
    [
      "a policy that finds it invalid",
      { kind: "policy", message: () => "needs a label team" },
      `the ValidatingAdmissionPolicy "team.example.com" denied PATCH ${path}: needs a label team`,
      "change the object to what it asks for",
    ],
    [
      "a policy that forbids it",
      { kind: "policy", reason: "Forbidden", message: () => "no Secrets here" },
      `the ValidatingAdmissionPolicy "team.example.com" denied PATCH ${path}: no Secrets here`,
      "change the object",
    ],
    [
      "a webhook",
      { kind: "webhook", status: 403, message: () => "no\nno" },
      `the admission webhook "team.example.com" denied PATCH ${path}: no no`,
      "change the object",
    ],
  ];
  it.each(cases)("%s is told in the API's words", async (_, admission, message, fix) => {
    server.secrets.setAdmission(namespace, admission);
    const told = await errorOf(apply());
    const id = "message" in admission ? "LK0019" : "LK0013";
    expect(told).toMatchObject({ id, message: expect.stringMatching(message) });
    expect(told.fix?.startsWith(fix)).toBe(true);
  });

  it.each([400, 401, 404, 409, 422, 429, 500, 503])(
    "a webhook's is none of Latchkey's token, of a conflict or an outage with status %d",
    async (status) => {
      server.secrets.setAdmission(namespace, { kind: "webhook", status, message: () => "no" });
      expect(await errorOf(apply())).toMatchObject({ id: "LK0019", code: String(status) });
      expect(await errorOf(api.create(secrets, versionKey(), signal))).toMatchObject({ id: "LK0019" });
    },
  );

  it("a webhook that cannot be called is an outage, and is named", async () => {
    server.secrets.setAdmission(namespace, { kind: "webhookDown" });
    expect(await errorOf(apply())).toMatchObject({
      ...{ id: "LK0012", code: "500" },
      message:
        'the Kubernetes API at URL did not give a usable answer (status 500: it failed to call the webhook "team.example.com")',
    });
  });

  it.each<readonly [string, (data: Readonly<Record<string, string>>) => string]>([
    ["as it was sent", ({ password }) => `bad: ${password}`],
    ["decoded", ({ password = "" }) => `bad: ${Buffer.from(password, "base64")}`],
    ["in part", ({ password = "" }) => `bad: ${Buffer.from(password, "base64").toString().slice(3, 30)}`],
    ["over several lines", ({ password = "" }) => `bad:\n\n ${Buffer.from(password, "base64")}\n`],
    ["behind much else", ({ password }) => `${"x".repeat(250)}${password}`],
  ])("shows no message that quotes a value %s", async (_, message) => {
    server.secrets.setAdmission(namespace, { kind: "policy", message });
    expect((await errorOf(apply("correct horse battery staple of canaries"))).message).toBe(
      `the ValidatingAdmissionPolicy "team.example.com" denied PATCH ${path}; its message is left out because it quotes a value`,
    );
  });

  it.each([
    ["a label is missing", "a"],
    ["label: is missing", "is"],
    ["the label team is missing", "abel"],
    ["needs 3 replicas", "3"],
  ])("shows the message %j, whose letters the value %j has by chance", async (message, value) => {
    server.secrets.setAdmission(namespace, { kind: "policy", message: () => message });
    expect((await errorOf(apply(value))).message).toBe(
      `the ValidatingAdmissionPolicy "team.example.com" denied PATCH ${path}: ${message}`,
    );
  });

  it.each(["1234", "hunter2", "pa$$word"])("shows no message that quotes the short value %j", async (value) => {
    server.secrets.setAdmission(namespace, { kind: "policy", message: () => `the value '${value}' is weak` });
    expect((await errorOf(apply(value))).message).toMatch(/its message is left out because it quotes a value$/);
  });

  it("shows 256 characters of a message", async () => {
    server.secrets.setAdmission(namespace, { kind: "policy", message: () => "y".repeat(5_000) });
    expect((await errorOf(apply())).message.match(/y+…$/)?.[0].length).toBe(256);
  });
});

function versionKey() {
  const metadata = { name: "key", namespace };
  return { apiVersion: "v1", kind: "Secret", metadata, immutable: true, data: { key: "a2V5IG9mIHZlcnNpb25z" } };
}

describe("a token of Latchkey's own that the API does not accept", () => {
  async function use(expiresInSeconds: number): Promise<void> {
    const identity = { namespace: "kube-system", serviceAccount: "latchkey", audience: issuer.issuer };
    await writeFile(join(directory, "token"), await issuer.token({ ...identity, expiresInSeconds }));
  }

  it("is told when it has expired", async () => {
    await use(-100);
    const told = await errorOf(api.get(path, signal));
    expect(told).toMatchObject({ id: "LK0017", code: "401" });
    expect(told.message).toMatch(new RegExp(`answered 401 to GET ${path}: Latchkey's own token expired 10\\d s ago$`));
    expect(told.fix).toMatch(/^find out why the kubelet does not renew the token/);
  });

  it("is told when it has not", async () => {
    await use(3_600);
    const told = await errorOf(apply());
    expect(told.message).toContain("has not expired by this node's clock, but the API server does not trust it");
    expect(told.fix).toMatch(/^restart Latchkey's pod to get a token of the cluster's present signing key/);
    await writeFile(join(directory, "token"), "no JWT");
    expect((await errorOf(apply())).message).toContain("the API server does not trust it");
  });
});

describe("an answer", () => {
  it("that has another status is a fault of this request alone", async () => {
    expect(await errorOf(api.get("/openid/v1/jwks", signal))).toEqual({
      ...{ id: "LK0018", code: "406" },
      message: "the Kubernetes API answered 406, NotAcceptable to GET /openid/v1/jwks",
      fix: "check that --kubernetes-api is an API server of a version that Latchkey supports",
    });
  });

  it.each([
    [429, "nothing if it passes"],
    [500, "check the API server's health and log"],
    [503, "check the API server's health and log"],
  ])("%d is an outage with its own cure", async (fault, fix) => {
    server.setFault(fault);
    const told = await errorOf(api.get(path, signal));
    expect([told.id, told.code, told.fix?.startsWith(fix)]).toEqual(["LK0012", String(fault), true]);
  });
});
