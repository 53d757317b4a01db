import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Moto, startMoto } from "../servers/moto.ts";
import { longestStart } from "./cluster.ts";
import type { Installed } from "./installed.ts";
import { makeClass, makeNamespace } from "./objects.ts";
import { askedByLatchkey, makeVaultClass, type Scene, shopPod, startScene, vaultSpec } from "./scene.ts";

const role = "arn:aws:iam::123456789012:role/payments";
const keySecret = "vault-csi-provider-hmac-key";

let scene: Scene;
let latchkey: Installed;
let moto: Moto;

beforeAll(async () => {
  moto = await startMoto();
  await moto.createSecret("eu-west-1", "prod/db", "from the node's region");
  const values = {
    providers: ["vault", "aws"],
    tokenRequests: true,
    versionKey: { generate: true, vaultSecretName: keySecret, createSecrets: true },
    config: { awsEndpointUrl: moto.url },
  };
  // The CSIDriver asks for no tokens.
  scene = await startScene(values, []);
  latchkey = await scene.run();
}, longestStart);

afterAll(async () => {
  await scene?.stop();
  await moto?.stop();
});

describe("the version key of today's provider", () => {
  it("is made where it is missing, read by the next process, and makes today's versions", async () => {
    await makeVaultClass(scene, "db", { audience: "vault" });
    await scene.kubelet.publish(shopPod("key-0"));
    const path = `/api/v1/namespaces/kube-system/secrets/${keySecret}`;
    const secret = await scene.cluster.admin.get<{ data: { key: string }; immutable: boolean }>(path);
    expect(secret?.immutable).toBe(true);
    const key = Buffer.from(secret?.data.key ?? "", "base64");
    expect(key).toHaveLength(32);
    const config =
      '{"ObjectName":"password","SecretPath":"secret/data/db","SecretKey":"password","Method":"","SecretArgs":null,"FilePermission":0,"Encoding":""}';
    const version = `${createHmac("sha256", key).update(`${config}p1`).digest("base64url")}=`;
    expect((await scene.kubelet.status(shopPod("key-0")))?.objects).toEqual([{ id: "password", version }]);
    await latchkey.stop();
    latchkey = await scene.run();
    await scene.kubelet.publish(shopPod("key-1"));
    expect((await scene.kubelet.status(shopPod("key-1")))?.objects).toEqual([{ id: "password", version }]);
  });
});

describe("where the driver sends no token", () => {
  it("one is asked for the pod, for the audience of its class, and proves it", async () => {
    await makeVaultClass(scene, "asked", { audience: "vault" });
    const { target } = await scene.kubelet.publish(shopPod("asked-0", "asked"));
    expect(await readFile(join(target, "password"), "utf8")).toBe("p1");
    expect(await latchkey.mountOf("asked-0")).toMatchObject({ proved: true });
  });

  it("a pod that the cluster does not know gets nothing", async () => {
    const ghost = { namespace: "shop", serviceAccount: "payments", pod: "ghost", secretProviderClass: "asked" };
    const spec = vaultSpec(scene, { audience: "vault" });
    await expect(scene.mountBeside({ ...ghost, spec })).rejects.toThrow(
      /LK0014.*the pod ghost of this uid is gone, or does not run as shop\/payments/s,
    );
  });

  it("a pod of another uid, or that runs as another account, gets nothing", async () => {
    const { uid } = await scene.kubelet.publish(shopPod("asked-1", "asked"));
    const spec = vaultSpec(scene, { audience: "vault" });
    const same = { namespace: "shop", pod: "asked-1", secretProviderClass: "asked", spec };
    for (const other of [
      { serviceAccount: "payments", podUid: "stolen" },
      { serviceAccount: "web", podUid: uid },
    ]) {
      await expect(scene.mountBeside({ ...same, ...other })).rejects.toThrow(/LK0014/);
    }
  });
});

describe("what the cluster says of accounts and nodes", () => {
  const objects = "- { objectName: prod/db, objectType: secretsmanager }";

  it("the role of an account is its annotation, and the region is the node's label", async () => {
    await scene.cluster.admin.patch("/api/v1/namespaces/shop/serviceaccounts/payments", {
      metadata: { annotations: { "eks.amazonaws.com/role-arn": role } },
    });
    await makeClass(scene.cluster, "shop", "aws", { provider: "aws", parameters: { objects } });
    const { target } = await scene.kubelet.publish(shopPod("aws-0", "aws"));
    expect(await readFile(join(target, "prod_db"), "utf8")).toBe("from the node's region");
    expect(await latchkey.mountOf("aws-0")).toMatchObject({ proved: true, result: "ok" });
  });

  it("an account without any annotation is told to have no role", async () => {
    await makeNamespace(scene.cluster, "bare", ["web"]);
    await makeClass(scene.cluster, "bare", "aws", { provider: "aws", parameters: { objects } });
    const web = { namespace: "bare", name: "web-0", serviceAccount: "web", secretProviderClass: "aws" };
    await expect(scene.kubelet.publish(web)).rejects.toThrow(/eks\.amazonaws\.com\/role-arn/);
  });
});

describe("the API server's audit log", () => {
  it("knows every request by Latchkey's name and version, and no other requests than the played server answers", async () => {
    const { what, agents } = await askedByLatchkey(scene);
    expect(agents).toEqual([expect.stringMatching(/^latchkey\/\d+\.\d+\.\d+$/)]);
    expect(what).toEqual([
      "create secrets",
      "create serviceaccounts/token",
      "get /.well-known/openid-configuration",
      "get /openid/v1/jwks",
      "get nodes",
      "get secrets",
      "get serviceaccounts",
    ]);
  });
});
