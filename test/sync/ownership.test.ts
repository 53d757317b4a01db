import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dataOf } from "../servers/data-of.ts";
import { type SyncCluster, startSyncCluster } from "./sync-fixture.ts";

const minute = 60_000;

let around: SyncCluster;

beforeEach(async () => {
  around = await startSyncCluster();
});

afterEach(() => around.stop());

describe("a Secret that others have", () => {
  it("is left alone where Latchkey did not make it, whatever its keys", async () => {
    around.cluster.setSecret("shop", "db", { other: "bWluZQ==" });
    const node = around.node();
    expect(await node.sync()).toBe("refused");
    expect([dataOf(around.cluster), around.writes()]).toEqual([{ other: "mine" }, []]);
    expect(node.log.at(-1)).toMatchObject({
      level: "warn",
      secret: "db",
      error:
        "LK0052 kubernetesSecrets[0]: the Secret shop/db is left alone: Latchkey did not make it. Fix: choose another name, or delete it: kubectl delete secret -n shop db",
    });
  });

  it("is tried again a minute later, and made when it is gone", async () => {
    around.cluster.setSecret("shop", "db", { other: "bWluZQ==" });
    const node = around.node();
    await node.sync();
    await node.sync();
    expect(node.results).toEqual(["refused"]);
    around.cluster.setSecret("shop", "db", undefined);
    await node.time.advance(2 * minute);
    expect([await node.sync(), dataOf(around.cluster)]).toEqual(["unchanged", { password: "p1" }]);
  });

  it("is left alone where somebody has edited its content, and is not by a label of theirs", async () => {
    const node = around.node();
    await node.sync();
    around.cluster.secrets.edit("shop/db", { "metadata/labels/seen": "yes" }, "kubectl-label");
    await node.time.advance(1_000);
    expect(await node.sync({ values: { password: "p2" } })).toBe("unchanged");
    around.cluster.secrets.edit("shop/db", { "data/password": "ZWRpdGVk" }, "kubectl-edit");
    await node.time.advance(1_000);
    expect(await node.sync({ values: { password: "p3" } })).toBe("refused");
    expect([dataOf(around.cluster), node.log.at(-1)?.error]).toEqual([
      { password: "edited" },
      expect.stringContaining('"kubectl-edit" wrote it too, by field manager'),
    ]);
    expect(around.cluster.secrets.get("shop/db")?.leaves.get("metadata/labels/seen")).toBe("yes");
  });

  it("is left alone where another SecretProviderClass has it", async () => {
    around.cluster.setClass("shop", "other", { provider: "latchkey", parameters: around.parameters });
    const node = around.node();
    await node.sync({ secretProviderClass: "other" });
    expect(await node.sync({ values: { password: "p2" } })).toBe("refused");
    expect([dataOf(around.cluster), node.log.at(-1)?.error]).toEqual([
      { password: "p1" },
      expect.stringContaining("it belongs to another object"),
    ]);
  });

  it("is left alone where it was given another owner beside", async () => {
    const node = around.node();
    await node.sync();
    const owner = JSON.stringify({ apiVersion: "v1", kind: "Pod", name: "p", uid: "u" });
    around.cluster.secrets.edit("shop/db", { "metadata/ownerReferences/u": owner });
    await node.time.advance(1_000);
    expect(await node.sync({ values: { password: "p2" } })).toBe("refused");
    expect(dataOf(around.cluster)).toEqual({ password: "p1" });
  });

  it("is left alone where pods of another service account made it of other content, and shared where it is the same", async () => {
    const node = around.node();
    await node.sync({ serviceAccount: "web" });
    expect(await node.sync({ serviceAccount: "admin" })).toBe("unchanged");
    expect(await node.sync({ serviceAccount: "admin", values: { password: "admin's" } })).toBe("refused");
    expect([dataOf(around.cluster), node.log.at(-1)?.error]).toEqual([
      { password: "p1" },
      'LK0052 kubernetesSecrets[0]: the Secret shop/db is left alone: pods of the service account "web" write it with other content. Fix: give each service account a SecretProviderClass of its own, or delete the Secret to let others write it',
    ]);
  });

  it("is not touched where somebody makes it between the look and the write", async () => {
    const { api, cluster } = around;
    const node = around.node(
      {},
      {
        metadata: async (...call) => {
          const found = await api.metadata(...call);
          if (found === undefined) cluster.secrets.edit("shop/db", { "data/theirs": "bWluZQ==" }, "their-operator");
          return found;
        },
      },
    );
    expect([await node.sync(), dataOf(cluster)]).toEqual(["refused", { theirs: "mine" }]);
  });
});

describe("who may write", () => {
  const refusals: readonly (readonly [string, Parameters<ReturnType<SyncCluster["node"]>["sync"]>[0], string])[] = [
    ["an identity that is not proved", { proved: false }, "the pod's identity is not proved"],
    [
      "a pod that overrides the parameter itself",
      { parameters: { secrets: "[]", kubernetesSecrets: "[{ name: admin }]" } },
      'the pod\'s parameters are not those of the SecretProviderClass "shop/web"',
    ],
    [
      "a pod that overrides where the secrets lie",
      { parameters: { secrets: "[{ store: mine }]", kubernetesSecrets: "[...]" } },
      'the pod\'s parameters are not those of the SecretProviderClass "shop/web"',
    ],
    [
      "a pod that adds a parameter",
      { parameters: { secrets: "[]", kubernetesSecrets: "[...]", templates: "" } },
      'the pod\'s parameters are not those of the SecretProviderClass "shop/web"',
    ],
    ["a class of another provider", { provider: "vault" }, "the pod's parameters are not those"],
    ["a class that there is not", { secretProviderClass: "ghost" }, 'has no SecretProviderClass "shop/ghost"'],
    ["no class at all", { secretProviderClass: "" }, 'has no SecretProviderClass "shop/"'],
    ["a class of another namespace", { namespace: "bank" }, 'has no SecretProviderClass "bank/web"'],
    [
      "a name that leads elsewhere",
      { secretProviderClass: "../../../../../api/v1/namespaces/shop/secrets/x" },
      "has no SecretProviderClass",
    ],
  ];
  it.each(refusals)("not %s", async (_, wish, message) => {
    const node = around.node();
    expect(await node.sync(wish)).toBe("refused");
    expect([around.cluster.secrets.keys(), around.writes()]).toEqual([[], []]);
    expect(node.log.at(-1)?.error).toMatch(/^LK0051[ :]/);
    expect(node.log.at(-1)?.error).toContain(message);
    expect(around.reads().filter((read) => read.includes("secrets/x"))).toEqual([]);
  });

  it("a pod whose attributes only ask for fresher values", async () => {
    const parameters = { ...around.parameters, notBefore: "2026-01-01T00:00:00Z" };
    expect(await around.node().sync({ parameters })).toBe("unchanged");
  });

  it("a pod that lies costs the API three reads in fifteen seconds, and nobody else's Secret", async () => {
    const node = around.node();
    await node.sync();
    const before = around.reads().length;
    for (let count = 0; count < 20; count += 1) await node.sync({ parameters: { a: String(count) } });
    expect([around.reads().length - before, await node.sync()]).toEqual([2, "unchanged"]);
    await node.time.advance(16_000);
    await node.sync({ parameters: { a: "again" } });
    expect(around.reads().length - before).toBe(3);
  });
});
