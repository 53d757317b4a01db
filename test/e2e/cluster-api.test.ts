import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type KubernetesApi, startKubernetes } from "../servers/kubernetes.ts";
import { type OpenBao, startOpenBao } from "../servers/openbao.ts";
import { allowReads, enableJwtAuth, putKv2, writeJwtRole } from "../servers/openbao-setup.ts";
import { createTokenIssuer } from "../tokens.ts";
import { startNode, type TestNode } from "./node.ts";

const provider = "vault";
const objects = "- { objectName: db, secretPath: secret/data/db, secretKey: password }";
const tokenPath = "/api/v1/namespaces/shop/serviceaccounts/payments/token";
const secretPath = "/api/v1/namespaces/kube-system/secrets/vault-csi-provider-hmac-key";
const versionKey = Buffer.alloc(32, "a");

let server: OpenBao;
let cluster: KubernetesApi;
let node: TestNode;
let parameters: Record<string, string>;

beforeAll(async () => {
  const issuer = await createTokenIssuer();
  [server, cluster] = await Promise.all([startOpenBao(), startKubernetes(issuer)]);
  await enableJwtAuth(server, { publicKeyPem: issuer.publicKeyPem() });
  await allowReads(server, "db", ["secret/data/db"]);
  // Whoever sets no audience gets tokens for the API server itself.
  await writeJwtRole(server, { role: "api", audience: issuer.issuer, policies: ["db"] });
  await writeJwtRole(server, { role: "bank", audience: "bank", policies: ["db"] });
  await putKv2(server, "db", { password: "p1" });
  cluster.setSecret("kube-system", "vault-csi-provider-hmac-key", { key: versionKey.toString("base64") });
  cluster.setServiceAccount("shop", "payments", {});
  for (const name of ["web-0", "web-1"])
    cluster.setPod("shop", name, { uid: `uid-${name}`, serviceAccount: "payments" });
  node = await startNode({
    ...{ issuer, cluster },
    flags: { tokenRequests: "true", vaultHmacSecretName: "vault-csi-provider-hmac-key", allowAddress: "127.0.0.1" },
  });
  parameters = { vaultAddress: server.address, roleName: "api", objects };
});

afterEach(() => cluster.setFault("none"));

afterAll(async () => {
  await node?.stop();
  await server?.stop();
  await cluster?.stop();
});

function callsOf(path: string): number {
  return cluster.requests.filter((request) => request.path === path).length;
}

const pod = (name: string) => ({ name, uid: `uid-${name}` });

describe("where the driver sends no token", () => {
  it("one is asked of the API for each pod, proves it, and is kept", async () => {
    const first = await node.publish({ provider, parameters, pod: pod("web-0") });
    expect(await readFile(join(first.target, "db"), "utf8")).toBe("p1");
    expect(node.mounts().at(-1)).toMatchObject({ proved: true, storeCalls: { login: 1, read: 1 } });
    await node.publish({ provider, parameters, pod: pod("web-1") });
    expect(node.mounts().at(-1)).toMatchObject({ proved: true, cached: 1, storeCalls: { login: 0, read: 0 } });
    await node.publish({ provider, parameters, pod: pod("web-0") });
    expect(callsOf(tokenPath)).toBe(2);
    const asked = cluster.requests.find(({ path }) => path === tokenPath);
    expect(JSON.parse(asked?.body ?? "")).toEqual({
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: {
        audiences: [],
        expirationSeconds: 900,
        boundObjectRef: { apiVersion: "v1", kind: "Pod", name: "web-0", uid: "uid-web-0" },
      },
    });
  });

  it("it is asked for the audience that the SecretProviderClass chose", async () => {
    const chosen = { ...parameters, roleName: "bank", audience: "bank" };
    const { target } = await node.publish({ provider, parameters: chosen, pod: pod("web-0") });
    expect(await readFile(join(target, "db"), "utf8")).toBe("p1");
  });

  it("a pod that the cluster does not know gets nothing", async () => {
    const { code, message } = await node.publishError({ provider, parameters, pod: pod("ghost") });
    expect([code, message]).toEqual(["INVALID_ARGUMENT", expect.stringContaining("LK0014")]);
    expect(message).toContain("the pod ghost of this uid is gone, or does not run as shop/payments");
  });

  it("a pod that runs as another account gets nothing", async () => {
    cluster.setServiceAccount("shop", "admin", {});
    const { message } = await node.publishError({
      provider,
      parameters,
      pod: { ...pod("web-0"), serviceAccount: "admin" },
    });
    expect(message).toContain("LK0014");
  });

  it("a pod of another uid than the cluster's gets nothing", async () => {
    const { message } = await node.publishError({ provider, parameters, pod: { name: "web-0", uid: "stolen" } });
    expect(message).toContain("LK0014");
  });

  it("and the API refuses, the error names the right that is missing", async () => {
    cluster.setPod("shop", "web-9", { uid: "uid-web-9", serviceAccount: "payments" });
    cluster.setFault(403);
    const { code, message } = await node.publishError({ provider, parameters, pod: pod("web-9") });
    expect([code, message]).toEqual(["PERMISSION_DENIED", expect.stringContaining("LK0013")]);
    expect(message).toContain(`403 to POST ${tokenPath}`);
    expect(message).toContain("the right `create`");
  });

  it("and the API is away, pods that it knew are served", async () => {
    await node.publish({ provider, parameters, pod: pod("web-0") });
    cluster.setFault("down");
    const { target } = await node.publish({ provider, parameters, pod: pod("web-0") });
    expect(await readFile(join(target, "db"), "utf8")).toBe("p1");
  });
});

describe("the key of object versions in today's Secret", () => {
  it("makes today's versions, and is read once a process", async () => {
    const { podStatus } = await node.publish({ provider, parameters, pod: pod("web-0") });
    const config =
      '{"ObjectName":"db","SecretPath":"secret/data/db","SecretKey":"password","Method":"","SecretArgs":null,"FilePermission":0,"Encoding":""}';
    const version = createHmac("sha256", versionKey).update(`${config}p1`).digest("base64url");
    expect(podStatus.status.objects).toEqual([{ id: "db", version: `${version}=` }]);
    expect(callsOf(secretPath)).toBe(1);
  });
});
