import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from "jose";
import { Agent } from "undici";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createTokenIssuer, type TokenIssuer } from "../tokens.ts";
import { type KubernetesApi, startKubernetes } from "./kubernetes.ts";

let issuer: TokenIssuer;
let api: KubernetesApi;
let agent: Agent;

beforeEach(async () => {
  issuer = await createTokenIssuer();
  api = await startKubernetes(issuer);
  agent = new Agent({ connect: { ca: api.caPem } });
});

afterEach(async () => {
  await agent.destroy();
  await api.stop();
});

async function get(path: string, token = api.token): Promise<{ status: number; body: Record<string, unknown> }> {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await agent.request({ origin: api.url, path, method: "GET", headers });
  return { status: answer.statusCode, body: (await answer.body.json()) as Record<string, unknown> };
}

describe("the Kubernetes API", () => {
  test("shows the issuer and the keys that its tokens verify with", async () => {
    const { body } = await get("/openid/v1/jwks");
    const keys = createLocalJWKSet(body as unknown as JSONWebKeySet);
    const token = await issuer.token({ namespace: "shop", serviceAccount: "web", audience: "vault" });
    const { payload } = await jwtVerify(token, keys, { issuer: issuer.issuer, audience: "vault" });
    expect(payload.sub).toBe("system:serviceaccount:shop:web");
    expect((await get("/.well-known/openid-configuration")).body).toMatchObject({ issuer: issuer.issuer });
  });

  test("shows service accounts with their annotations", async () => {
    const annotations = { "eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/web" };
    api.setServiceAccount("shop", "web", { uid: "u1", annotations });
    expect(await get("/api/v1/namespaces/shop/serviceaccounts/web")).toEqual({
      status: 200,
      body: {
        kind: "ServiceAccount",
        apiVersion: "v1",
        metadata: { name: "web", namespace: "shop", uid: "u1", annotations },
      },
    });
    const missing = await get("/api/v1/namespaces/shop/serviceaccounts/other");
    expect(missing).toMatchObject({ status: 404, body: { kind: "Status", reason: "NotFound" } });
    expect(missing.body.message).toBe('serviceaccounts "other" not found');
  });

  test("reviews tokens for the audiences that are asked, or its own", async () => {
    const review = async (token: string, audiences?: readonly string[]) => {
      const answer = await agent.request({
        ...{ origin: api.url, path: "/apis/authentication.k8s.io/v1/tokenreviews", method: "POST" },
        headers: { authorization: `Bearer ${api.token}`, "content-type": "application/json" },
        body: JSON.stringify({ spec: { token, ...(audiences && { audiences }) } }),
      });
      return ((await answer.body.json()) as { status: object }).status;
    };
    const token = await issuer.token({ namespace: "shop", serviceAccount: "web", audience: "vault" });
    const user = { username: "system:serviceaccount:shop:web" };
    expect(await review(token, ["other", "vault"])).toMatchObject({ authenticated: true, user, audiences: ["vault"] });
    expect(await review(token, ["other"])).toMatchObject({ authenticated: false, user: {} });
    expect(await review(token)).toMatchObject({ authenticated: false });
    expect(await review("none", ["vault"])).toMatchObject({ authenticated: false });
    const own = await issuer.token({ namespace: "shop", serviceAccount: "web", audience: issuer.issuer });
    expect(await review(own)).toMatchObject({ authenticated: true, user });
  });

  test("knows only the token that it accepts", async () => {
    expect(await get("/openid/v1/jwks", "wrong")).toMatchObject({ status: 401, body: { reason: "Unauthorized" } });
    api.acceptToken("next");
    expect((await get("/openid/v1/jwks")).status).toBe(200);
  });

  test("serves nothing else", async () => {
    expect(await get("/api/v1/secrets")).toMatchObject({ status: 404, body: { kind: "Status", code: 404 } });
    expect(api.requests.map(({ path }) => path)).toEqual(["/api/v1/secrets"]);
  });

  test("refuses Latchkey what nobody has held against the real API server", async () => {
    const ask = async (path: string, accept: string) => {
      const headers = { authorization: `Bearer ${api.token}`, accept, "user-agent": "latchkey/1.0.0" };
      return (await agent.request({ origin: api.url, path, method: "GET", headers })).statusCode;
    };
    api.setNode("node-1", {});
    expect(await ask("/api/v1/nodes/node-1", "application/json")).toBe(200);
    expect(await ask("/api/v1/nodes/node-1?watch=true", "application/json")).toBe(501);
    expect(await ask("/api/v1/nodes/node-1", "application/yaml")).toBe(501);
    expect(await ask("/api/v1/nodes", "application/json")).toBe(501);
  });

  test("can forbid and can be down", async () => {
    api.setFault(403);
    const { status, body } = await get("/api/v1/namespaces/shop/serviceaccounts/web");
    expect([status, body.message]).toEqual([
      403,
      'serviceaccounts "web" is forbidden: User "system:serviceaccount:kube-system:latchkey" ' +
        'cannot get resource "serviceaccounts" in API group "" in the namespace "shop"',
    ]);
    api.setFault("down");
    await expect(get("/openid/v1/jwks")).rejects.toThrow();
    api.setFault("none");
    expect((await get("/openid/v1/jwks")).status).toBe(200);
  });

  test("writes credentials as a service account volume holds them", async () => {
    const directory = await mkdtemp(join(tmpdir(), "latchkey-credentials-"));
    await api.writeCredentials(directory);
    expect(await readFile(join(directory, "token"), "utf8")).toBe(api.token);
    expect(await readFile(join(directory, "ca.crt"), "utf8")).toBe(api.caPem);
    await rm(directory, { recursive: true });
  });
});
