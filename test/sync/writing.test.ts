import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dataOf } from "../servers/data-of.ts";
import { type SyncCluster, secretOf, startSyncCluster } from "./sync-fixture.ts";

const minute = 60_000;
const path = "/api/v1/namespaces/shop/secrets/db";

let around: SyncCluster;

beforeEach(async () => {
  around = await startSyncCluster();
});

afterEach(() => around.stop());

describe("a Kubernetes Secret of a mount", () => {
  it("is made by server-side apply, owned by its SecretProviderClass, and shows no value in its notes", async () => {
    const node = around.node({ metadataPrefixes: ["example.com/"] });
    const spec = { type: "kubernetes.io/basic-auth", labels: new Map([["example.com/team", "a"]]) } as const;
    expect(await node.sync({ spec })).toBe("unchanged");
    const [request] = around.cluster.requests.filter(({ method }) => method === "PATCH");
    const body = JSON.parse(request?.body ?? "");
    const classUid = body.metadata.ownerReferences[0].uid;
    expect([request?.path, request?.query.toString()]).toEqual([path, "fieldManager=latchkey&force=false"]);
    expect(body).toEqual({
      apiVersion: "v1",
      kind: "Secret",
      metadata: {
        name: "db",
        namespace: "shop",
        resourceVersion: expect.any(String),
        labels: { "example.com/team": "a", "app.kubernetes.io/managed-by": "latchkey" },
        annotations: {
          "latchkey/content": expect.stringMatching(/^[\w-]{43}$/),
          "latchkey/service-account": "web",
          "latchkey/class-generation": "1",
          "latchkey/sources": expect.stringMatching(/^\[\["[\w-]{16}","[\w-]{16}",\d{13}\]\]$/),
        },
        ownerReferences: [
          { apiVersion: "secrets-store.csi.x-k8s.io/v1", kind: "SecretProviderClass", name: "web", uid: classUid },
        ],
      },
      type: "kubernetes.io/basic-auth",
      data: { password: Buffer.from("p1").toString("base64") },
    });
    expect(around.reads()).toEqual([
      "GET /apis/secrets-store.csi.x-k8s.io/v1/namespaces/shop/secretproviderclasses/web",
      `GET ${path}`,
    ]);
  });

  it("is written again when its content changes, and its key goes where it is no longer wanted", async () => {
    const node = around.node();
    await node.sync({ values: { password: "p1", old: "x" } });
    await node.time.advance(1_000);
    await node.sync({ values: { password: "p2" } });
    expect([dataOf(around.cluster), node.results]).toEqual([{ password: "p2" }, ["written", "written"]]);
  });

  it("is written once a rotation while old pods are held back, and goes back to an older value only when the store does", async () => {
    const node = around.node();
    const old = { values: { password: "p1" } };
    const fresh = { values: { password: "p2" } };
    await node.sync(old);
    await node.time.advance(minute);
    await node.sync(fresh);
    const before = around.reads().length;
    for (let second = 0; second < 600; second += 5) {
      await node.time.advance(5_000);
      await node.sync({ ...old, ages: { db: minute + second * 1_000 } });
      await node.sync({ ...fresh, ages: { db: second * 1_000 } });
    }
    expect([dataOf(around.cluster), around.writes().length]).toEqual([{ password: "p2" }, 2]);
    // What is older is looked at again once a minute; a class is read along with it.
    expect(around.reads().length - before).toBeLessThanOrEqual(30);
    await node.time.advance(2 * minute);
    await node.sync(old);
    expect(dataOf(around.cluster)).toEqual({ password: "p1" });
  });

  it("of a hundred that stay as they are, costs no call in ten rounds", async () => {
    const node = around.node();
    const round = () =>
      Promise.all(Array.from({ length: 100 }, (_, index) => node.sync({ spec: { name: `s${index}` } })));
    await round();
    const [first, reads] = [around.writes().length, around.reads().length];
    for (let count = 0; count < 10; count += 1) {
      await node.time.advance(30_000);
      expect(new Set(await round())).toEqual(new Set(["unchanged"]));
    }
    expect([first, around.writes().length, reads, around.reads().length]).toEqual([100, 100, 101, 101]);
  });

  it("is only looked at by a node that starts anew, and by other nodes with the same content", async () => {
    await around.node().sync();
    const [writes, reads] = [around.writes().length, around.reads().length];
    const node = around.node();
    await node.sync({ ages: { db: 5 * minute } });
    expect([around.writes().length - writes, around.reads().length - reads, node.results]).toEqual([
      0,
      2,
      ["unchanged"],
    ]);
  });

  it("comes back when it was deleted, and gets back a key that somebody took out, at the next look", async () => {
    const node = around.node();
    await node.sync();
    around.cluster.setSecret("shop", "db", undefined);
    const offered = node.offer();
    expect([offered.state, offered.due(false)]).toEqual(["unchanged", false]);
    await node.time.advance(11 * minute);
    expect(offered.due(false)).toBe(true);
    await node.sync();
    expect(dataOf(around.cluster)).toEqual({ password: "p1" });
    around.cluster.secrets.edit("shop/db", { "data/password": undefined });
    await node.time.advance(11 * minute);
    await node.sync();
    expect([dataOf(around.cluster), node.results]).toEqual([{ password: "p1" }, ["written", "written", "written"]]);
  });

  it("lives as long as the class: it goes with it, and is made anew for a new one of the same content", async () => {
    const node = around.node();
    await node.sync();
    around.cluster.setClass("shop", "web", undefined);
    expect(dataOf(around.cluster)).toBeUndefined();
    around.cluster.setClass("shop", "web", { provider: "latchkey", parameters: around.parameters });
    await node.time.advance(11 * minute);
    await node.sync();
    expect(dataOf(around.cluster)).toEqual({ password: "p1" });
  });

  it("that never changes has a name of its own for each content, and the ones before stay", async () => {
    const node = around.node();
    const spec = { immutable: true };
    await node.sync({ spec });
    await node.sync({ spec, values: { password: "p2" } });
    await node.sync({ spec });
    const names = around.cluster.secrets.keys();
    expect(names).toEqual([expect.stringMatching(/^shop\/db-[0-9a-f]{10}$/), expect.stringMatching(/^shop\/db-/)]);
    expect(names.map((name) => around.cluster.secrets.get(name)?.leaves.get("immutable"))).toEqual(["true", "true"]);
    expect(node.results).toEqual(["written", "written", "unchanged"]);
  });

  it("is offered by many mounts at once and written once", async () => {
    const node = around.node();
    await Promise.all(Array.from({ length: 110 }, () => node.sync()));
    expect([around.writes().length, node.results]).toEqual([1, ["written"]]);
  });

  it("is written where its class has just been changed", async () => {
    const node = around.node();
    await node.sync();
    const parameters = { ...around.parameters, more: "x" };
    around.cluster.setClass("shop", "web", { provider: "latchkey", parameters });
    await node.sync({ parameters, values: { password: "p2" } });
    expect(dataOf(around.cluster)).toEqual({ password: "p2" });
  });
});

describe("no Secret is made", () => {
  const mib = 1024 ** 2;
  it.each([
    [
      "of more than 1 MiB",
      { values: { a: Buffer.alloc(2 * mib, "x") } },
      "its values have 2097152 bytes; a Kubernetes Secret holds 1048576",
    ],
    [
      "of Docker's configuration that is no JSON",
      { values: { ".dockerconfigjson": "kanarienvogel" }, spec: { type: "kubernetes.io/dockerconfigjson" as const } },
      "what is to be .dockerconfigjson is not a JSON object",
    ],
    [
      "without what its type needs",
      { values: { "tls.crt": "c" }, spec: secretOf({ type: "kubernetes.io/tls" }) },
      'a Secret of type kubernetes.io/tls cannot be made without "tls.key"',
    ],
    ["of nothing", { values: {} }, "a Secret of type Opaque cannot be made without any key"],
    ["of a lease", { issued: true as const }, "it is made from an answer that belongs to one pod alone"],
    [
      "of what a pod has for itself",
      { source: { share: "pod" as const } },
      "it is made from an answer that belongs to one pod alone",
    ],
  ])("%s", async (_, wish, message) => {
    const node = around.node();
    expect(await node.sync(wish)).toBe("refused");
    expect(node.log).toMatchObject([
      { result: "refused", error: expect.stringContaining(`LK0053 kubernetesSecrets[0]: ${message}`) },
    ]);
    expect([around.cluster.requests.length, JSON.stringify(node.log).includes("kanarienvogel")]).toEqual([0, false]);
  });

  it("of exactly 1 MiB it is", async () => {
    const node = around.node();
    expect(await node.sync({ values: { a: Buffer.alloc(mib, "x") } })).toBe("unchanged");
  });

  it("of a type that the Secret cannot change to, and the error says what to do", async () => {
    const node = around.node();
    await node.sync({ values: { username: "u" } });
    await node.time.advance(1_000);
    expect(await node.sync({ values: { username: "u" }, spec: { type: "kubernetes.io/basic-auth" } })).toBe("refused");
    expect(node.log.at(-1)?.error).toBe(
      'LK0053 kubernetesSecrets[0]: the Kubernetes API finds the Secret shop/db invalid ("type", FieldValueInvalid). Fix: delete the Secret: Kubernetes cannot change the type of a Secret',
    );
  });
});
