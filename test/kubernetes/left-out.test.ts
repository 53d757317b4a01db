import { describe, expect, it } from "vitest";
import type { KubernetesApi } from "../../src/kubernetes/api.ts";
import { readNodeLabel, readNodeName } from "../../src/kubernetes/node-label.ts";
import { readSecretMetadata } from "../../src/kubernetes/secret-metadata.ts";
import { readSecretProviderClass } from "../../src/kubernetes/secret-provider-class.ts";
import { readServiceAccount } from "../../src/kubernetes/service-account.ts";
import { requestPodToken } from "../../src/kubernetes/token-request.ts";

const { signal } = new AbortController();

/** An API that answers this, whatever it is asked. */
function answering(object: unknown): KubernetesApi {
  const answer = async () => object;
  return {
    ...{ url: "https://api.example", get: answer, metadata: answer, close: () => undefined },
    create: async () => ({ kind: "created", object }),
    apply: async () => ({ kind: "applied", object }),
  };
}

const own = { uid: "u", resourceVersion: "7" };

describe("what the API leaves out because it is empty", () => {
  it.each([
    ["annotations, owners and managers", own],
    [
      "nothing, as other writers of JSON have it",
      { ...own, annotations: null, ownerReferences: null, managedFields: null },
    ],
    ["the fields of a manager", { ...own, managedFields: [{ manager: "m", operation: "Update" }] }],
  ])("may be, of a Secret: %s", async (_, metadata) => {
    const read = await readSecretMetadata(answering({ metadata }), "shop", "db", signal);
    expect(read).toMatchObject({ ...own, annotations: new Map(), owners: [] });
  });

  it.each([
    ["all of it", {}],
    ["null", { spec: null }],
    ["the provider", { spec: { parameters: {} } }],
    ["the parameters", { spec: { provider: "latchkey" } }],
  ])("may be, of a SecretProviderClass's spec: %s", async (_, rest) => {
    const read = await readSecretProviderClass(answering({ metadata: own, ...rest }), "shop", "db", signal);
    expect(read).toMatchObject({ ...own, name: "db", generation: 0, parameters: new Map() });
  });

  it("keeps every parameter that is there, whatever its name", async () => {
    const parameters = JSON.parse('{"__proto__":"a","constructor":"b"}');
    const read = await readSecretProviderClass(
      answering({ metadata: own, spec: { parameters } }),
      "shop",
      "db",
      signal,
    );
    expect([...(read?.parameters ?? [])]).toEqual([
      ["__proto__", "a"],
      ["constructor", "b"],
    ]);
  });

  it("may be, of a service account, a node and a pod", async () => {
    const bare = answering({ metadata: { name: "a" } });
    expect(await readServiceAccount(bare, "shop", "a", signal)).toEqual({ annotations: new Map() });
    await expect(readNodeLabel(bare, { node: "a", label: "l", fix: "" }, signal)).rejects.toMatchObject({
      id: "LK0014",
    });
    await expect(readNodeName(bare, { namespace: "shop", name: "a", fix: "" }, signal)).rejects.toMatchObject({
      id: "LK0014",
    });
  });
});

describe("an object that cannot be read", () => {
  const strange = answering({ kind: "Other" });
  const pod = { namespace: "shop", serviceAccount: "a", pod: { name: "p", uid: "u" }, audiences: [] };
  const reads: readonly (readonly [string, () => Promise<unknown>, string])[] = [
    ["a Secret", () => readSecretMetadata(strange, "shop", "db", signal), "the Secret shop/db is not a Secret"],
    ["a class", () => readSecretProviderClass(strange, "shop", "db", signal), "shop/db is not a SecretProviderClass"],
    ["a service account", () => readServiceAccount(strange, "shop", "a", signal), "shop/a is not a service account"],
    ["a token", () => requestPodToken(strange, pod, signal), "a TokenRequest is not a token"],
  ];
  it.each(reads)("is a fault of its own and no outage: %s", async (_, read, what) => {
    const error = await read().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      ...{ id: "LK0018", reason: "fault", message: `the Kubernetes API's answer for ${what}` },
      details: { fix: expect.stringContaining("kubectl get -o yaml") },
    });
  });
});
