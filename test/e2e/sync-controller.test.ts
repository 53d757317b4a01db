import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { MountRequest } from "../driver/wire.ts";
import { type KubernetesApi, startKubernetes } from "../servers/kubernetes.ts";
import { type OpenBao, startOpenBao } from "../servers/openbao.ts";
import { letEverybodyRead, putKv2 } from "../servers/openbao-setup.ts";
import { createTokenIssuer, type TokenIssuer } from "../tokens.ts";
import { startNode, type TestNode } from "./node.ts";

let issuer: TokenIssuer;
let server: OpenBao;
let cluster: KubernetesApi;
let node: TestNode;
let parameters: Record<string, string>;

beforeAll(async () => {
  issuer = await createTokenIssuer();
  [server, cluster] = await Promise.all([startOpenBao(), startKubernetes(issuer)]);
  await letEverybodyRead(server, issuer.publicKeyPem());
  await putKv2(server, "db", { password: "p1" });
  node = await startNode({
    ...{ issuer, cluster },
    flags: async (directory) => {
      await writeFile(join(directory, "version.key"), Buffer.alloc(32, "v"));
      return {
        ...{ allowAddress: "127.0.0.1", sync: "true", versionKeyFile: join(directory, "version.key") },
      };
    },
  });
  parameters = {
    stores: `vault: { kind: vault, address: "${server.address}", role: all }`,
    secrets: "- { store: vault, name: secret/data/db, as: db, files: [{ path: db/password, key: password }] }",
  };
});

afterAll(async () => {
  await node?.stop();
  await Promise.all([server?.stop(), cluster?.stop()]);
});

/**
 * The secrets-store-sync-controller's request: parameters of the class; its own pod's name and uid, or nothing where it
 * was not told them; tokens bound to its node and not to a pod; an empty object of credentials; no name of the class.
 */
async function requestOf(own: { readonly name: string; readonly uid: string }, more: Record<string, string> = {}) {
  const node = { node: { name: "node-1", uid: "node-uid" } };
  const serviceaccount = { name: "payments", uid: "sa-uid" };
  const tokens = await issuer.tokens(
    {
      ...{ namespace: "shop", serviceAccount: "payments", expiresInSeconds: 600 },
      overrides: { "kubernetes.io": { namespace: "shop", ...node, serviceaccount } },
    },
    ["vault"],
  );
  const attributes = {
    ...parameters,
    ...more,
    "csi.storage.k8s.io/pod.name": own.name,
    "csi.storage.k8s.io/pod.uid": own.uid,
    "csi.storage.k8s.io/pod.namespace": "shop",
    "csi.storage.k8s.io/serviceAccount.name": "payments",
    "csi.storage.k8s.io/serviceAccount.tokens": JSON.stringify(tokens),
  };
  return {
    attributes: JSON.stringify(attributes),
    secrets: "{}",
    target_path: "/mnt/secrets-store",
    permission: "420",
    current_object_version: [],
  } satisfies MountRequest;
}

/** The files of an answer as text. */
async function filesOf(request: MountRequest) {
  const { files, object_version: versions } = await node.driver.mount("latchkey", request);
  return [files.map(({ path, mode, contents }) => [path, mode, Buffer.from(contents).toString()]), versions.length];
}

describe("the secrets-store-sync-controller", () => {
  it.each([
    ["with its own pod", { name: "sync-controller-0", uid: "controller-uid" }],
    ["without a pod", { name: "", uid: "" }],
  ])("gets the files %s, as the service account that it names", async (_, own) => {
    expect(await filesOf(await requestOf(own))).toEqual([[["db/password", 0o644, "p1"]], 1]);
    expect(node.mounts().at(-1)).toMatchObject({
      result: "ok",
      proved: true,
      namespace: "shop",
      serviceAccount: "payments",
    });
  });

  it("shares the cache with pods of that service account", async () => {
    await filesOf(await requestOf({ name: "", uid: "" }));
    const { target } = await node.publish({
      provider: "latchkey",
      parameters,
      audiences: ["vault"],
      pod: { uid: "u9" },
    });
    expect(await readFile(join(target, "db/password"), "utf8")).toBe("p1");
  });

  it("writes its Secrets itself: those that the class names are not written for it", async () => {
    const kubernetesSecrets = "- { name: db, data: { password: { file: db/password } } }";
    cluster.setClass("shop", "secrets", { provider: "latchkey", parameters: { ...parameters, kubernetesSecrets } });
    const own = { name: "sync-controller-0", uid: "controller-uid" };
    expect(await filesOf(await requestOf(own, { kubernetesSecrets }))).toEqual([[["db/password", 0o644, "p1"]], 1]);
    expect([cluster.secrets.keys(), node.mounts().at(-1)]).toMatchObject([[], { result: "ok", sync: "refused" }]);
  });
});
