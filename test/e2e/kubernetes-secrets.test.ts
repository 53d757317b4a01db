import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until } from "../cache/until.ts";
import { dataOf } from "../servers/data-of.ts";
import { type KubernetesApi, startKubernetes } from "../servers/kubernetes.ts";
import { createTokenIssuer } from "../tokens.ts";
import { startNode, type TestNode } from "./node.ts";

const provider = "latchkey";
const audiences = ["vault"];
const parameters = {
  stores: "files: { profile: files }",
  secrets: `
- { store: files, name: db.json, as: db, files: [{ path: db/user, key: user }, { path: db/password, key: password }] }
- { store: files, name: absent, optional: true, files: [{ path: absent }] }
`,
  kubernetesSecrets: `
- name: db
  type: basic-auth
  data:
    username: { file: db/user }
    password: { file: db/password }
    url: { template: "postgres://{{ db.user }}:{{ db.password | url_encode }}@db" }
    absent: { file: absent }
  labels: { example.com/team: shop }
`,
};

let cluster: KubernetesApi;
let node: TestNode;

beforeEach(async () => {
  const issuer = await createTokenIssuer();
  cluster = await startKubernetes(issuer);
  node = await startNode({
    ...{ issuer, cluster },
    flags: async (directory) => {
      await mkdir(join(directory, "files"));
      await writeFile(join(directory, "version.key"), Buffer.alloc(32, "v"));
      await writeFile(join(directory, "files/db.json"), '{"user":"shop","password":"p w"}');
      return {
        ...{ sync: "true", syncMetadataPrefixes: "example.com/", syncNamespaces: "shop,team-*,kube-public" },
        ...{ syncSystemNamespaces: "infra-*" },
        ...{ versionKeyFile: join(directory, "version.key") },
      };
    },
    config: (directory) => `profiles: { files: { kind: file, directory: ${join(directory, "files")} } }\n`,
  });
  cluster.setClass("shop", "secrets", { provider, parameters });
});

afterEach(async () => {
  await node?.stop();
  await cluster?.stop();
});

/** The results and errors of Kubernetes Secrets in the log. */
function said() {
  return node.log.filter(({ msg }) => msg === "kubernetes secret").map(({ result, error }) => [result, error]);
}

const made = { username: "shop", password: "p w", url: "postgres://shop:p%20w@db" };

describe("a mount with Kubernetes Secrets", () => {
  it("has them written when it is answered, of files and templates, without what is optional and not there", async () => {
    const { target } = await node.publish({ provider, parameters, audiences });
    expect([dataOf(cluster), await readFile(join(target, "db/password"), "utf8")]).toEqual([made, "p w"]);
    expect(node.mounts().at(-1)).toMatchObject({ result: "ok", sync: "unchanged", proved: true });
  });

  it("makes no call to the Kubernetes API once it is warm, in ten rounds of twenty pods", async () => {
    const pods = Array.from({ length: 20 }, (_, index) => ({ name: `web-${index}`, uid: `uid-${index}` }));
    const round = () => Promise.all(pods.map((pod) => node.publish({ provider, parameters, audiences, pod })));
    await round();
    const before = cluster.requests.length;
    for (let count = 0; count < 10; count += 1) await round();
    // Pods that came while the class had just been read have it read once more, a second later.
    const later = cluster.requests.slice(before).map(({ method, path }) => `${method} ${path.split("/").at(-2)}`);
    expect([[], ["GET secretproviderclasses"]]).toContainEqual(later);
    expect(cluster.requests.filter(({ method }) => method === "PATCH").length).toBe(1);
  });

  it("has a rotated value written with the next mount", async () => {
    await node.publish({ provider, parameters, audiences });
    await writeFile(join(node.directory, "files/db.json"), '{"user":"shop","password":"next"}');
    await node.publish({ provider, parameters, audiences });
    expect(dataOf(cluster)).toMatchObject({ password: "next", url: "postgres://shop:next@db" });
  });

  it("makes no more of one large file than a volume may hold", async () => {
    await writeFile(join(node.directory, "files/large"), Buffer.alloc(1024 ** 2, "x"));
    const large = {
      stores: parameters.stores,
      secrets: "- { store: files, name: large, files: [{ path: large }] }",
      kubernetesSecrets: Array.from(
        { length: 20 },
        (_, index) => `- { name: s${index}, data: { a: { file: large } } }`,
      ).join("\n"),
    };
    cluster.setClass("shop", "secrets", { provider, parameters: large });
    await node.publish({ provider, parameters: large, audiences });
    await until(() => cluster.secrets.keys().length >= 15);
    const refused = said().filter(([result]) => result === "refused");
    expect([cluster.secrets.keys().length, refused.length, refused[0]?.[1]]).toEqual([
      15,
      5,
      expect.stringContaining(
        "LK0005 kubernetesSecrets[15]: with s15, a (1048576 bytes) the files of this volume have more than 16777216 bytes",
      ),
    ]);
  });

  it("goes on without them where the pod overrides parameters, where nothing proves it, and where the Secret is another's", async () => {
    const volumeAttributes = {
      secrets:
        "- { store: files, name: db.json, as: db, files: [{ path: db/user, key: password }, { path: db/password }] }",
    };
    const absent = {
      ...parameters,
      kubernetesSecrets: parameters.kubernetesSecrets.replace("    absent: { file: absent }\n", ""),
    };
    cluster.setClass("shop", "secrets", { provider, parameters: absent });
    const spoofed = await node.publish({
      provider,
      parameters: absent,
      audiences,
      volumeAttributes,
      volume: "spoofed",
    });
    expect([await readFile(join(spoofed.target, "db/user"), "utf8"), dataOf(cluster)]).toEqual(["p w", undefined]);
    await node.publish({ provider, parameters: absent, volume: "unproved" });
    cluster.setSecret("shop", "db", { mine: "eA==" });
    await node.publish({ provider, parameters: absent, audiences, volume: "foreign" });
    expect([dataOf(cluster), said().map(([result, error]) => [result, String(error).slice(0, 6)])]).toEqual([
      { mine: "x" },
      ["LK0051", "LK0051", "LK0052"].map((id) => ["refused", id]),
    ]);
    expect(node.mounts().map(({ result, sync }) => [result, sync])).toEqual(Array(3).fill(["ok", "refused"]));
  });

  it("adds no Secrets that only the volume's attributes name", async () => {
    const { kubernetesSecrets, ...own } = parameters;
    cluster.setClass("shop", "secrets", { provider, parameters: own });
    await node.publish({ provider, parameters: own, audiences, volumeAttributes: { kubernetesSecrets } });
    expect([cluster.secrets.keys(), said()[0]?.[0]]).toEqual([[], "refused"]);
  });

  it("goes on while the Kubernetes API is down, refuses or throttles, and the Secret comes later", async () => {
    for (const [index, fault] of (["down", 403, { status: 429, retryAfter: "1" }] as const).entries()) {
      cluster.setFault(fault);
      const { target } = await node.publish({ provider, parameters, audiences, volume: `v${index}` });
      expect(await readFile(join(target, "db/password"), "utf8")).toBe("p w");
    }
    expect(node.mounts().map(({ result, sync }) => [result, sync])).toEqual(Array(3).fill(["ok", "queued"]));
    cluster.setFault("none");
    await until(() => dataOf(cluster) !== undefined);
    expect(dataOf(cluster)).toEqual(made);
  });

  it("does not wait for a Kubernetes API that hangs", async () => {
    cluster.setFault("hang");
    await node.publish({ provider, parameters, audiences });
    expect(node.mounts().at(-1)).toMatchObject({ result: "ok", sync: "queued" });
  });

  it.each([
    [
      "a namespace that the operator has not named",
      { namespace: "bank" },
      'does not allow Kubernetes Secrets in the namespace "bank"',
    ],
    [
      "a system namespace, though it is named, and the operator has named others",
      { namespace: "kube-public" },
      'nothing is written in the system namespace "kube-public"',
    ],
  ])("is refused in %s", async (_, pod, message) => {
    const error = await node.publishError({ provider, parameters, audiences, pod });
    expect([error.code, error.message]).toEqual(["PERMISSION_DENIED", expect.stringContaining(message)]);
    expect([error.message.includes("LK0050"), cluster.secrets.keys()]).toEqual([true, []]);
  });

  it("is refused with a label that the operator has not allowed", async () => {
    const kubernetesSecrets = parameters.kubernetesSecrets.replace("example.com/team", "argocd.argoproj.io/instance");
    const { message } = await node.publishError({
      provider,
      parameters: { ...parameters, kubernetesSecrets },
      audiences,
    });
    expect(message).toContain(
      'LK0050 kubernetesSecrets[0].labels: the operator does not allow labels that begin like "argocd.argoproj.io/instance"',
    );
  });
});
