import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type KubernetesApi, startKubernetes } from "../../servers/kubernetes.ts";
import { type OpenBao, startOpenBao } from "../../servers/openbao.ts";
import { createApiClient } from "../../servers/openbao-api.ts";
import { enableAppRole, enableCertAuth, enableKubernetesAuth, writePolicy } from "../../servers/openbao-engines.ts";
import { enableJwtAuth, putKv2, writeJwtRole } from "../../servers/openbao-setup.ts";
import { createTokenIssuer, type TokenIssuer } from "../../tokens.ts";
import { askRealVault, type RealVault } from "./real-vault.ts";

let bao: OpenBao;
let kubernetes: KubernetesApi;
let issuer: TokenIssuer;
let vault: RealVault;
let directory: string;

const rights = { "secret/data/shop/*": ["read"] } as const;
const db = "secret/data/shop/db";

/** Nobody is let in without a client certificate, so every test here shows one. */
let files: { readonly clientCertFile: string; readonly clientKeyFile: string };

beforeAll(async () => {
  issuer = await createTokenIssuer();
  [bao, kubernetes] = await Promise.all([
    startOpenBao({ tls: true, clientCertificates: true }),
    startKubernetes(issuer),
  ]);
  vault = askRealVault(bao, issuer);
  directory = await mkdtemp(join(tmpdir(), "latchkey-logins-"));
  const pair = await bao.authority?.issueClient("latchkey");
  files = { clientCertFile: join(directory, "tls.crt"), clientKeyFile: join(directory, "tls.key") };
  await writeFile(files.clientCertFile, pair?.cert ?? "");
  await writeFile(files.clientKeyFile, pair?.key ?? "");
  await writePolicy(bao, "shop", rights);
  await putKv2(bao, "shop/db", { password: "one" });
  await enableKubernetesAuth(bao, kubernetes, ["shop"]);
});

afterAll(async () => {
  await vault?.shutdown();
  await bao?.stop();
  await kubernetes?.stop();
  await rm(directory, { recursive: true });
});

describe("a server that wants client certificates", () => {
  test("is reached with one of the operator's files, and with none it is an outage", async () => {
    const session = await vault.open({ settings: files });
    expect(await vault.text(session, db)).toBe('{"password":"one"}');
    await session.close();
    expect(await vault.refusal()).toBe("LK0030");
  });
});

describe("the Kubernetes auth method", () => {
  test("has the token reviewed by the cluster's API", async () => {
    const before = kubernetes.requests.length;
    const session = await vault.open({ settings: { auth: "kubernetes", role: "shop", ...files } });
    expect(await vault.text(session, db)).toBe('{"password":"one"}');
    const reviews = kubernetes.requests.slice(before).map(({ method, path }) => `${method} ${path}`);
    expect(reviews).toEqual(["POST /apis/authentication.k8s.io/v1/tokenreviews"]);
    expect(session.scope).toBeUndefined();
    await session.close();
  });

  for (const [what, token] of [
    ["of another account", { serviceAccount: "other" }],
    ["of another namespace", { namespace: "other" }],
    ["for another audience", { audience: "other" }],
    ["that expired", { expiresInSeconds: -3600, notBefore: 0 }],
  ] as const) {
    test(`refuses a token ${what}`, async () => {
      expect(await vault.refusal({ settings: files, token })).toBe("LK0032");
    });
  }

  test("that cannot reach the cluster's API refuses, as the server says it", async () => {
    kubernetes.setFault("down");
    expect(await vault.refusal({ settings: files })).toBe("LK0032");
    kubernetes.setFault("none");
    await (await vault.open({ settings: files })).close();
  });
});

describe("the AppRole auth method", () => {
  test("takes role_id and secret_id of the pod, and refuses a wrong one", async () => {
    const { roleId, secretId } = await enableAppRole(bao, ["shop"]);
    const settings = { auth: "approle", ...files };
    const credentials = { role_id: roleId, secret_id: secretId };
    const session = await vault.open({ settings, credentials });
    expect(await vault.text(session, db)).toBe('{"password":"one"}');
    await session.close();
    expect(await vault.refusal({ settings, credentials: { ...credentials, secret_id: "wrong" } })).toBe("LK0032");
    expect(await vault.refusal({ settings, credentials: { role_id: roleId } })).toBe("LK0032");
    expect(await vault.refusal({ settings })).toBe("LK0016");
    const [role, secret] = [join(directory, "role"), join(directory, "secret")];
    await writeFile(role, `${roleId}\n`);
    await writeFile(secret, secretId);
    const fromFiles = { ...settings, roleIdFile: role, secretIdFile: secret };
    expect(await vault.text(await vault.open({ settings: fromFiles }), db)).toBe('{"password":"one"}');
  });
});

describe("the TLS certificate auth method", () => {
  test("takes the pod's certificate, or the operator's, and refuses another name", async () => {
    await enableCertAuth(bao, bao.caPem ?? "", ["shop"]);
    const pairs = await Promise.all(["web", "other"].map((name) => bao.authority?.issueClient(name)));
    const [web, other] = pairs.map((pair) => ({ "tls.crt": pair?.cert ?? "", "tls.key": pair?.key ?? "" }));
    const settings = { auth: "cert", role: "web" };
    for (const asking of [
      { settings, credentials: web },
      { settings: { auth: "cert" }, credentials: web },
    ]) {
      const session = await vault.open(asking as { settings: object; credentials: Record<string, string> });
      expect(await vault.text(session, db)).toBe('{"password":"one"}');
      await session.close();
    }
    expect(await vault.refusal({ settings, credentials: other ?? {} })).toBe("LK0032");
    expect(await vault.refusal({ settings: { ...settings, ...files } })).toBe("LK0032");
    expect(await vault.refusal({ settings })).toBe("LK0016");
  });
});

describe("namespaces", () => {
  test("have secrets and logins of their own; a read may go to another, and one that is not there is denied", async () => {
    const { clientCertFile, ...rest } = files;
    await bao.request("POST", "sys/namespaces/team", {});
    const pair = await bao.authority?.issueClient("root");
    const team = createApiClient(bao.address, bao.rootToken, bao.caPem, pair, "team");
    await enableJwtAuth({ ...bao, request: team.request }, { publicKeyPem: issuer.publicKeyPem() });
    await writeJwtRole({ ...bao, request: team.request }, { role: "shop", audience: "vault", policies: ["shop"] });
    await team.request("POST", "sys/mounts/kv", { type: "kv" });
    await team.request("POST", "kv/shop", { of: "team" });
    await team.request("POST", "sys/namespaces/sub", {});
    await writePolicy(team, "shop", { "kv/shop": ["read"], "sub/kv/shop": ["read"] });
    const sub = createApiClient(bao.address, bao.rootToken, bao.caPem, pair, "team/sub");
    await sub.request("POST", "sys/mounts/kv", { type: "kv" });
    await sub.request("POST", "kv/shop", { of: "sub" });
    await Promise.all([team.close(), sub.close()]);

    const session = await vault.open({ settings: { namespace: "team", clientCertFile, ...rest } });
    expect(await vault.text(session, "kv/shop")).toBe('{"of":"team"}');
    expect(await vault.text(session, { name: "kv/shop", namespace: "team/sub" })).toBe('{"of":"sub"}');
    const unknown = await vault.error(session, { name: "kv/shop", namespace: "team/none" });
    expect([unknown.id, unknown.reason, unknown.details.fix]).toEqual([
      "LK0042",
      "denied",
      'check the namespace "team/none": it must exist, be written from the root, and the server must know namespaces',
    ]);
    await session.close();
    expect(await vault.refusal({ settings: { namespace: "none", ...files } })).toBe("LK0042");
  });
});

describe("a login whose metadata names the pod", () => {
  test("makes a session of that pod", async () => {
    await enableJwtAuth(bao, { mount: "jwt", publicKeyPem: issuer.publicKeyPem() });
    await bao.request("POST", "auth/jwt/role/pods", {
      ...{ role_type: "jwt", user_claim: "sub", bound_audiences: ["vault"], token_policies: ["shop"] },
      claim_mappings: { "/kubernetes.io/pod/name": "pod" },
    });
    const pod = { name: "web-1", uid: "6f1c" };
    const token = { podName: pod.name, podUid: pod.uid };
    const settings = { role: "pods", mount: "jwt", ...files };
    expect((await vault.open({ settings, token, pod })).scope).toBe("pod");
    expect((await vault.open({ settings: files, pod })).scope).toBeUndefined();
  });
});
