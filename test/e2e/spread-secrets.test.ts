import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dataOf } from "../servers/data-of.ts";
import { type KubernetesApi, startKubernetes } from "../servers/kubernetes.ts";
import { type OpenBao, startOpenBao } from "../servers/openbao.ts";
import { letEverybodyRead, putKv2 } from "../servers/openbao-setup.ts";
import { createTokenIssuer } from "../tokens.ts";
import { startNode, type TestNode } from "./node.ts";

let bao: OpenBao;
let cluster: KubernetesApi;
let node: TestNode;
let parameters: Record<string, string>;

beforeAll(async () => {
  const issuer = await createTokenIssuer();
  [bao, cluster] = await Promise.all([startOpenBao(), startKubernetes(issuer)]);
  await letEverybodyRead(bao, issuer.publicKeyPem());
  await putKv2(bao, "db", { password: "p1" });
  parameters = {
    stores: `vault: { kind: vault, address: "${bao.address}", role: all }`,
    secrets: `
- { store: vault, name: secret/data/db, as: db, refresh: 0s, spread: 24h, files: [{ path: password, key: password }] }`,
    kubernetesSecrets: `
- { name: db, data: { password: { file: password }, url: { template: "postgres://{{ db.password }}@db" } } }`,
  };
  cluster.setClass("shop", "secrets", { provider: "latchkey", parameters });
  node = await startNode({
    ...{ issuer, cluster },
    flags: async (directory) => {
      await writeFile(join(directory, "version.key"), Buffer.alloc(32, "v"));
      return {
        ...{ sync: "true", versionKeyFile: join(directory, "version.key") },
        ...{ allowAddress: "127.0.0.1", nodeName: "node-far-in-the-window" },
      };
    },
  });
});

afterAll(async () => {
  await node?.stop();
  await bao?.stop();
  await cluster?.stop();
});

async function mount(name: string): Promise<string> {
  const request = { provider: "latchkey", parameters, audiences: ["vault"], pod: { name, uid: `uid-${name}` } };
  const { target } = await node.publish(request);
  return await readFile(join(target, "password"), "utf8");
}

const writes = () => cluster.requests.filter(({ method }) => method === "PATCH").length;
const password = () => dataOf(cluster)?.password;

describe("a Kubernetes Secret of a value that old pods do not take yet", () => {
  it("is written once a rotation, whichever pods mount, and never goes back", async () => {
    expect([await mount("old"), password(), writes()]).toEqual(["p1", "p1", 1]);
    await putKv2(bao, "db", { password: "p2" });
    expect([await mount("old"), await mount("new"), password()]).toEqual(["p1", "p2", "p2"]);
    for (let round = 0; round < 20; round += 1) {
      expect([await mount("old"), await mount("new")]).toEqual(["p1", "p2"]);
      expect(password()).toBe("p2");
    }
    expect(writes()).toBe(2);
  });
});
