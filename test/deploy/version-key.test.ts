import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { parseObjects } from "../docs/documents.ts";
import { helm, renderChart, type Values } from "../servers/helm.ts";
import { type ScriptedServer, startScripted } from "../servers/scripted.ts";

// Helm is made on first use.
await helm(["version"]);

const secretPath = "/api/v1/namespaces/kube-system/secrets/latchkey-version-key";

let api: ScriptedServer;
let directory: string;
let kubeConfig: string;

/** The cluster's answers by path: those that Helm needs before it looks for a Secret, and the Secret. */
const objects = new Map<string, object>([
  ["/version", { major: "1", minor: "37", gitVersion: "v1.37.0" }],
  [
    "/api/v1",
    {
      kind: "APIResourceList",
      groupVersion: "v1",
      resources: [{ name: "secrets", namespaced: true, kind: "Secret", verbs: ["get"] }],
    },
  ],
]);

beforeAll(async () => {
  api = await startScripted(({ path }) => {
    const body = objects.get(path.split("?", 1)[0] ?? "");
    const headers = { "content-type": "application/json" };
    const missing = { kind: "Status", apiVersion: "v1", status: "Failure", reason: "NotFound", code: 404 };
    return body === undefined ? { status: 404, headers, body: missing } : { headers, body };
  });
  directory = await mkdtemp(join(tmpdir(), "lk-cluster-"));
  kubeConfig = join(directory, "config");
  const context = { name: "c", context: { cluster: "c", user: "u" } };
  const parts = {
    clusters: [{ name: "c", cluster: { server: api.url } }],
    contexts: [context],
    users: [{ name: "u", user: {} }],
  };
  await writeFile(kubeConfig, JSON.stringify({ apiVersion: "v1", kind: "Config", "current-context": "c", ...parts }));
});

beforeEach(() => objects.delete(secretPath));

afterAll(async () => {
  await api?.stop();
  await rm(directory, { recursive: true, force: true });
});

/** As Helm marks what belongs to a release. */
const ownedBy = (name: string, namespace = "kube-system") => ({
  labels: { "app.kubernetes.io/managed-by": "Helm" },
  annotations: { "meta.helm.sh/release-name": name, "meta.helm.sh/release-namespace": namespace },
});

/** A Secret of the cluster. The API leaves out `data`, labels and annotations that are empty. */
function setSecret(data?: Readonly<Record<string, string>>, owner: object = {}): void {
  const metadata = { name: "latchkey-version-key", namespace: "kube-system", ...owner };
  objects.set(secretPath, { apiVersion: "v1", kind: "Secret", metadata, ...(data === undefined ? {} : { data }) });
}

async function keyOf(values: Values): Promise<string> {
  const secrets = parseObjects(await renderChart(values, kubeConfig)).filter((object) => object?.kind === "Secret");
  expect(secrets.map(({ metadata }) => metadata)).toMatchObject([
    { name: "latchkey-version-key", annotations: { "helm.sh/resource-policy": "keep" } },
  ]);
  const [secret] = secrets as readonly unknown[] as readonly { readonly data: { readonly key: string } }[];
  return secret?.data.key ?? "";
}

const generate = { versionKey: { generate: true } };

describe("a version key that the chart makes", () => {
  it("has 32 random bytes", async () => {
    const [one, two] = [await keyOf(generate), await keyOf(generate)];
    expect([Buffer.from(one, "base64").length, one === two]).toEqual([32, false]);
  });

  it("is kept where the cluster has it, at every upgrade", async () => {
    const key = Buffer.alloc(32, "k").toString("base64");
    setSecret({ key }, ownedBy("latchkey"));
    expect([await keyOf(generate), await keyOf(generate)]).toEqual([key, key]);
  });

  it.each([
    ["kubectl", {}],
    ["kubectl, with notes of one's own", { labels: { team: "a" }, annotations: { why: "b" } }],
    ["another release", ownedBy("other")],
    ["a release of another namespace", ownedBy("latchkey", "secrets")],
    ["something that says it is Helm", { labels: { "app.kubernetes.io/managed-by": "Helm" } }],
  ])("is left alone where %s made the Secret, which Helm would refuse to take over", async (_, owner) => {
    setSecret({ key: Buffer.alloc(32, "k").toString("base64") }, owner);
    const kinds = parseObjects(await renderChart(generate, kubeConfig)).map((object) => object?.kind);
    expect([kinds.includes("Secret"), kinds.includes("DaemonSet")]).toEqual([false, true]);
  });

  it.each([undefined, {}, { other: "" }])(
    "is never put beside others into a Secret that lacks it: %j",
    async (data) => {
      for (const owner of [{}, ownedBy("latchkey")]) {
        setSecret(data, owner);
        await expect(renderChart(generate, kubeConfig)).rejects.toThrow(
          'the Secret latchkey-version-key in the namespace kube-system has no "key". Set versionKey.key to',
        );
      }
    },
  );

  it("is none of the chart's where an operator makes it, or there is none", async () => {
    for (const values of [{}, { versionKey: { generate: true, ephemeral: true } }]) {
      expect(parseObjects(await renderChart(values, kubeConfig)).map((object) => object?.kind)).not.toContain("Secret");
    }
  });
});
