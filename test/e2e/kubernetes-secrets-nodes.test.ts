import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dataOf } from "../servers/data-of.ts";
import { type KubernetesApi, startKubernetes } from "../servers/kubernetes.ts";
import { type OpenBao, startOpenBao } from "../servers/openbao.ts";
import { letEverybodyRead, putKv2 } from "../servers/openbao-setup.ts";
import { createTokenIssuer, type TokenIssuer } from "../tokens.ts";
import { startNode, type TestNode } from "./node.ts";

const provider = "latchkey";
const audiences = ["vault"];

let issuer: TokenIssuer;
let server: OpenBao;
let cluster: KubernetesApi;
let nodes: TestNode[];

beforeEach(async () => {
  issuer = await createTokenIssuer();
  [server, cluster] = await Promise.all([startOpenBao(), startKubernetes(issuer)]);
  await letEverybodyRead(server, issuer.publicKeyPem());
  await putKv2(server, "db", { password: "p1" });
  nodes = [await someNode(), await someNode()];
});

afterEach(async () => {
  await Promise.all((nodes ?? []).map((node) => node.stop()));
  await Promise.all([server?.stop(), cluster?.stop()]);
});

function someNode(): Promise<TestNode> {
  return startNode({
    ...{ issuer, cluster },
    flags: async (directory) => {
      await writeFile(join(directory, "version.key"), Buffer.alloc(32, "v"));
      return {
        ...{ sync: "true", allowAddress: "127.0.0.1", versionKeyFile: join(directory, "version.key") },
      };
    },
  });
}

/** The parameters of the class, which the cluster has too. */
function classOf(secrets: string, data: string): Record<string, string> {
  const stores = `vault: { kind: vault, address: "${server.address}", role: all }`;
  const parameters = { stores, secrets, kubernetesSecrets: `- { name: db, data: ${data} }` };
  cluster.setClass("shop", "secrets", { provider, parameters });
  return parameters;
}

const database = "- { store: vault, name: secret/data/db, as: db, files: [{ path: password, key: password }] }";
const data = '{ password: { file: password }, url: { template: "x://{{ db.password }}" } }';

/** Mounts on a node; gives the file that the pod sees, and what became of the Secret. */
async function mount(index: number, parameters: Record<string, string>, file = "password") {
  const node = nodes[index];
  if (node === undefined) throw new Error("there is no such node");
  const { target } = await node.publish({ provider, parameters, audiences });
  const said = node.log.filter(({ msg }) => msg === "kubernetes secret").at(-1);
  return [await readFile(join(target, file), "utf8"), said?.result, said?.error];
}

describe("two nodes that see a rotation at different times", () => {
  it("leave the newer value in the Secret, though one of them still serves the older one to its pods", async () => {
    const parameters = classOf(database, data);
    expect(await mount(0, parameters)).toEqual(["p1", "written", undefined]);
    await putKv2(server, "db", { password: "p2" });
    expect(await mount(1, parameters)).toEqual(["p2", "written", undefined]);
    // Cached, and offered again by a mount of another class version: never over what came later.
    const changed = { ...parameters, kubernetesSecrets: `${parameters.kubernetesSecrets}\n` };
    cluster.setClass("shop", "secrets", { provider, parameters: changed });
    expect(await mount(0, changed)).toEqual(["p1", "older", undefined]);
    expect(dataOf(cluster)).toEqual({ password: "p2", url: "x://p2" });
  });

  it("leave it there while the store is away and stale values are served", async () => {
    const parameters = classOf(database, data);
    await mount(0, parameters);
    await putKv2(server, "db", { password: "p2" });
    await mount(1, parameters);
    await server.stop();
    const changed = { ...parameters, kubernetesSecrets: `${parameters.kubernetesSecrets}\n` };
    cluster.setClass("shop", "secrets", { provider, parameters: changed });
    expect((await mount(0, { ...changed, notBefore: "2026-01-01T00:00:00Z" }))[0]).toBe("p1");
    expect(dataOf(cluster)).toEqual({ password: "p2", url: "x://p2" });
  });
});

describe("a Kubernetes Secret", () => {
  it("is made of what a search finds", async () => {
    await putKv2(server, "team/a", { k: "1" });
    await putKv2(server, "team/b", { k: "2" });
    await server.request("PUT", "sys/policies/acl/all", { policy: 'path "+/*" { capabilities = ["read", "list"] }' });
    const secrets = "- { store: vault, find: { prefix: secret/data/team/ }, as: team, expand: { path: team/ } }";
    const parameters = classOf(secrets, '{ a: { file: team/a }, all: { template: "{{ team.b.k }}" } }');
    expect((await mount(0, parameters, "team/a")).slice(1)).toEqual(["written", undefined]);
    expect(dataOf(cluster)).toEqual({ a: '{"k":"1"}', all: "2" });
  });

  it("is not made of what was issued to a pod", async () => {
    await server.request("POST", "sys/mounts/pki", { type: "pki" });
    await server.request("POST", "pki/root/generate/internal", { common_name: "a", key_type: "ec", ttl: "72h" });
    await server.request("POST", "pki/roles/a", { allow_any_name: true, key_type: "ec", max_ttl: "48h" });
    await server.request("PUT", "sys/policies/acl/all", { policy: 'path "*" { capabilities = ["read", "update"] }' });
    const secrets =
      "- { store: vault, name: pki/issue/a, method: PUT, args: { common_name: a.shop }, files: [{ path: password, key: certificate }] }";
    const [file, result, error] = await mount(0, classOf(secrets, "{ tls: { file: password } }"));
    expect([String(file).startsWith("-----BEGIN"), result, String(error).slice(0, 6), dataOf(cluster)]).toEqual([
      ...[true, "refused", "LK0053"],
      undefined,
    ]);
  });
});
