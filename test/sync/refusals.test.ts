import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { KubernetesApi } from "../../src/kubernetes/api.ts";
import { dataOf } from "../servers/data-of.ts";
import type { Admission } from "../servers/kubernetes-admission.ts";
import { passUntil, type SyncCluster, startSyncCluster } from "./sync-fixture.ts";

let around: SyncCluster;

beforeEach(async () => {
  around = await startSyncCluster(["shop", "bank"]);
});

afterEach(() => around.stop());

describe("a Secret that the cluster does not admit", () => {
  const cases: readonly (readonly [string, Admission, string, string])[] = [
    [
      "a policy",
      { kind: "policy", message: () => "no label team" },
      "refused",
      "LK0019: the ValidatingAdmissionPolicy",
    ],
    ["a webhook", { kind: "webhook", status: 429, message: () => "no" }, "refused", "LK0019: the admission webhook"],
    ["a quota", { kind: "quota" }, "failed", "LK0013: the Kubernetes API answered 403"],
    ["a namespace that goes away", { kind: "terminating" }, "failed", "LK0013: the Kubernetes API answered 403"],
    ["a webhook that is away", { kind: "webhookDown" }, "failed", "LK0012: the Kubernetes API at "],
  ];
  it.each(cases)("because of %s holds up no other namespace, and is told", async (_, admission, result, error) => {
    const node = around.node();
    around.cluster.secrets.setAdmission("shop", admission);
    await node.sync();
    expect(node.log.at(-1)).toMatchObject({ result, error: expect.stringContaining(error) });
    expect(await node.sync({ namespace: "bank" })).toBe("unchanged");
    expect(dataOf(around.cluster, "db", "bank")).toEqual({ password: "p1" });
  });

  it("is written by itself when the quota has room", async () => {
    const node = around.node();
    around.cluster.secrets.setAdmission("shop", { kind: "quota" });
    await node.sync();
    around.cluster.secrets.setAdmission("shop", undefined);
    await passUntil(node, () => dataOf(around.cluster) !== undefined);
    expect(dataOf(around.cluster)).toEqual({ password: "p1" });
  });
});

describe("an object that cannot be read", () => {
  const strange = async () => ({ kind: "Other" });
  const cases: readonly (readonly [string, (api: KubernetesApi) => Partial<KubernetesApi>])[] = [
    [
      "a Secret",
      (api) => ({ metadata: (path, signal) => (path.includes("/shop/") ? strange() : api.metadata(path, signal)) }),
    ],
    ["a class", (api) => ({ get: (path, signal) => (path.includes("/shop/") ? strange() : api.get(path, signal)) })],
  ];
  it.each(cases)("stops no other: %s", async (_, over) => {
    const node = around.node({}, over(around.api));
    expect([await node.sync(), await node.sync({ namespace: "bank" })]).toEqual(["refused", "unchanged"]);
    expect(node.log[0]?.error).toMatch(/^LK0018: /);
  });

  it("is none that has no annotations: a stranger's Secret", async () => {
    around.cluster.setSecret("shop", "db", {});
    const node = around.node();
    expect([await node.sync(), await node.sync({ namespace: "bank" })]).toEqual(["refused", "unchanged"]);
    expect(node.log[0]?.error).toContain("LK0052 kubernetesSecrets[0]: the Secret shop/db is left alone");
  });

  it.each([{}, { provider: "latchkey" }])("is none that has little: a class %j", async (spec) => {
    around.cluster.setClass("shop", "web", spec);
    const node = around.node();
    expect([await node.sync(), await node.sync({ namespace: "bank" })]).toEqual(["refused", "unchanged"]);
    expect(node.log[0]?.error).toMatch(/^LK0051: the pod's parameters are not those/);
  });
});

describe("a token of Latchkey's own that the API does not accept", () => {
  it("holds up all until there is another, and then all is written", async () => {
    const node = around.node();
    const { token } = around.cluster;
    around.cluster.acceptToken("another");
    expect(await node.sync()).toBe("queued");
    const before = around.cluster.requests.length;
    node.offer({ namespace: "bank" });
    expect([node.log.at(-1)?.error, around.cluster.requests.length - before]).toEqual([
      expect.stringMatching(/^LK0017: .* answered 401 to GET /),
      0,
    ]);
    around.cluster.acceptToken(token);
    await passUntil(node, () => dataOf(around.cluster, "db", "bank") !== undefined);
    expect(dataOf(around.cluster)).toEqual({ password: "p1" });
  });
});
