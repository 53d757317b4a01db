import { describe, expect, it } from "vitest";
import { ProviderError } from "../../src/errors.ts";
import { checkSyncPolicy, type SyncPolicy } from "../../src/sync/policy.ts";
import { secretOf } from "./sync-fixture.ts";

const usual: SyncPolicy = {
  namespaces: ["*"],
  systemNamespaces: ["kube-*", "openshift"],
  metadataPrefixes: ["example.com/", "team"],
};

/** The refusals of a policy, one text each. */
function refusals(policy: Partial<SyncPolicy>, namespace: string, labels: Readonly<Record<string, string>> = {}) {
  const map = new Map(Object.entries(labels));
  try {
    checkSyncPolicy({ ...usual, ...policy }, [secretOf({ labels: map, annotations: map })], namespace);
    return [];
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return (error.problems.length === 0 ? [error] : error.problems).map((problem) => problem.describe());
  }
}

describe("the operator's bounds of Kubernetes Secrets", () => {
  it.each<readonly [string, Partial<SyncPolicy>, string, boolean]>([
    ["any namespace", {}, "shop", true],
    ["a system namespace", {}, "kube-system", false],
    ["a system namespace that is allowed by name", { namespaces: ["kube-system"] }, "kube-system", false],
    ["another system namespace", {}, "openshift", false],
    ["a namespace by name", { namespaces: ["shop"] }, "shop", true],
    ["another namespace", { namespaces: ["shop"] }, "shopping", false],
    ["a namespace by pattern", { namespaces: ["team-*"] }, "team-a", true],
    ["no namespace", { namespaces: [] }, "shop", false],
  ])("know %s", (_, policy, namespace, isAllowed) => {
    const found = refusals(policy, namespace);
    expect([found.length === 0, found.every((problem) => problem.startsWith("LK0050 kubernetesSecrets: "))]).toEqual([
      isAllowed,
      true,
    ]);
  });

  it("know prefixes of labels and annotations", () => {
    expect(refusals({}, "shop", { "example.com/a": "x", team: "x", "team-b": "x" })).toEqual([]);
    expect(refusals({}, "shop", { "example.com.evil/a": "x" })).toEqual([
      'LK0050 kubernetesSecrets[0].labels: the operator does not allow labels that begin like "example.com.evil/a". Fix: remove it, or have the operator add its prefix to --sync-metadata-prefixes',
      'LK0050 kubernetesSecrets[0].annotations: the operator does not allow annotations that begin like "example.com.evil/a". Fix: remove it, or have the operator add its prefix to --sync-metadata-prefixes',
    ]);
    expect(refusals({ metadataPrefixes: [] }, "shop", { a: "x" }).length).toBe(2);
  });
});
