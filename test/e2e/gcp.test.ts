import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clusterPool, type GcpServer, gcpEndpoints, startGcp } from "../servers/gcp.ts";
import { type KubernetesApi, startKubernetes } from "../servers/kubernetes.ts";
import { createTokenIssuer } from "../tokens.ts";
import { startNode, type TestNode } from "./node.ts";

const provider = "gcp";
const audiences = [clusterPool];
const account = "payments@shop-prod.iam.gserviceaccount.com";
const annotation = "iam.gke.io/gcp-service-account";
const secret = (name: string, version = "latest") => `projects/shop-prod/secrets/${name}/versions/${version}`;

let gcp: GcpServer;
let kubernetes: KubernetesApi;
let node: TestNode;

beforeAll(async () => {
  gcp = await startGcp();
  gcp.addSecret("db", '{"user":"shop","port":5432}');
  gcp.addSecret("yaml", "user: shop\nsince: 2024-01-02\n");
  gcp.addSecret("bytes", Buffer.from([0, 255, 1]));
  gcp.addSecret("eu", "here", { location: "europe-west1" });
  gcp.putParameter(
    "rendered",
    "v1",
    `{"password":"__REF__(\\"//secretmanager.googleapis.com/projects/shop-prod/secrets/bytes2/versions/latest\\")"}`,
    { format: "JSON", location: "europe-west1" },
  );
  gcp.addSecret("bytes2", "hunter2");
  gcp.state.accounts.set(account, new Set([`serviceAccount:${clusterPool}[shop/payments]`]));
  const issuer = await createTokenIssuer();
  kubernetes = await startKubernetes(issuer);
  kubernetes.setServiceAccount("shop", "payments", { annotations: { [annotation]: account } });
  kubernetes.setServiceAccount("shop", "bare", {});
  node = await startNode({
    issuer,
    flags: async (directory) => {
      const credentials = join(directory, "credentials");
      await mkdir(credentials);
      return {
        ...{ refresh: "0s", denyMemory: "0s", providers: "gcp,latchkey", ...gcpEndpoints(gcp.url) },
        ...(await kubernetes.writeCredentials(credentials)),
      };
    },
  });
});

afterAll(async () => {
  await node?.stop();
  await Promise.all([gcp?.stop(), kubernetes?.stop()]);
});

async function mount(secrets: string, volume: string, more: { readonly serviceAccount?: string } = {}) {
  return await node.publish({ provider, parameters: { secrets }, audiences, volume, pod: more });
}

describe("provider gcp against a played Google Cloud", () => {
  it("mounts secrets as the account of the annotation, with versions under their resources' names", async () => {
    const secrets = `
- { resourceName: ${secret("db")}, path: db/all.json, mode: 0400 }
- { resourceName: ${secret("db", "1")}, fileName: user, extractJSONKey: user }
- { resourceName: ${secret("yaml")}, path: yaml-user, extractYAMLKey: user }
- { resourceName: ${secret("bytes")}, path: bytes }
- { resourceName: projects/shop-prod/locations/europe-west1/secrets/eu/versions/latest, path: eu }
`;
    const before = gcp.server.requests.length;
    const { target, podStatus } = await mount(secrets, "a");
    const read = (path: string) => readFile(join(target, path), "utf8");
    expect(await Promise.all(["db/all.json", "user", "yaml-user", "eu"].map(read))).toEqual([
      '{"user":"shop","port":5432}',
      "shop",
      "shop",
      "here",
    ]);
    expect(await readFile(join(target, "bytes"))).toEqual(Buffer.from([0, 255, 1]));
    const numbered = (name: string) => `projects/123456789012/${name}`;
    expect(podStatus.status.objects).toEqual([
      {
        id: "projects/shop-prod/locations/europe-west1/secrets/eu/versions/latest",
        version: numbered("locations/europe-west1/secrets/eu/versions/1"),
      },
      { id: secret("bytes"), version: numbered("secrets/bytes/versions/1") },
      { id: secret("db", "1"), version: numbered("secrets/db/versions/1") },
      { id: secret("db"), version: numbered("secrets/db/versions/1") },
      { id: secret("yaml"), version: numbered("secrets/yaml/versions/1") },
    ]);
    const paths = gcp.server.requests.slice(before).map(({ path }) => path);
    // One login for each location, and facts about the cluster once.
    expect(paths.filter((path) => path.endsWith("/v1/token")).length).toBe(2);
    expect(paths.filter((path) => path.endsWith(":generateAccessToken")).length).toBe(2);
    expect(paths.filter((path) => path.endsWith(":access")).length).toBe(5);
    expect(node.mounts().at(-1)).toMatchObject({ result: "ok", proved: true });
  });

  it("mounts parameters, with the secrets that they refer to", async () => {
    const name = "projects/shop-prod/locations/europe-west1/parameters/rendered/versions/v1";
    const { target, podStatus } = await mount(`- { resourceName: ${name}, path: app.json }`, "b");
    expect(await readFile(join(target, "app.json"), "utf8")).toBe('{"password":"hunter2"}');
    expect(podStatus.status.objects).toEqual([
      { id: name, version: "projects/123456789012/locations/europe-west1/parameters/rendered/versions/v1" },
    ]);
  });

  it("delivers a new version at the next mount", async () => {
    gcp.addSecret("rotating", "old");
    const secrets = `- { resourceName: ${secret("rotating")}, path: r }`;
    await mount(secrets, "c");
    gcp.addSecret("rotating", "new");
    const { target, changed } = await mount(secrets, "c");
    expect([changed, await readFile(join(target, "r"), "utf8")]).toEqual([true, "new"]);
  });

  it("goes on while Secret Manager and the token service are away, also for a pod of the same account", async () => {
    const secrets = `- { resourceName: ${secret("rotating")}, path: r }`;
    gcp.answerNext(/./, { status: 503, body: { error: { code: 503, status: "UNAVAILABLE", message: "away" } } }, 1_000);
    const { target } = await node.publish({
      provider,
      parameters: { secrets },
      audiences,
      volume: "c2",
      pod: { name: "web-1", uid: "0000-0002" },
    });
    gcp.answerNormally();
    expect(await readFile(join(target, "r"), "utf8")).toBe("new");
    expect(node.mounts().at(-1)).toMatchObject({ result: "ok" });
  });

  it("reads as the pod itself where its account has no annotation", async () => {
    await mount(`- { resourceName: ${secret("db")}, path: a }`, "d", { serviceAccount: "bare" });
    const before = gcp.count(/generateAccessToken/);
    expect(before).toBeGreaterThan(0);
    expect(kubernetes.requests.some(({ path }) => path.endsWith("/serviceaccounts/bare"))).toBe(true);
  });

  it("mounts an empty volume for an empty list", async () => {
    expect((await mount("[]", "e")).podStatus.status.objects).toEqual([{ id: "latchkey", version: "empty" }]);
  });

  it("tells every secret that failed in one error", async () => {
    const secrets = `
- { resourceName: ${secret("nowhere")}, path: a }
- { resourceName: ${secret("db")}, path: b, extractJSONKey: port }
- { resourceName: ${secret("db")}, path: c, extractJSONKey: usr }
- { resourceName: ${secret("db")}, path: d }
`;
    const error = await node.publishError({ provider, parameters: { secrets }, audiences, volume: "f" });
    expect(error.code).toBe("INVALID_ARGUMENT");
    for (const text of [
      /LK0034 secret "projects\/shop-prod\/secrets\/nowhere\/versions\/latest" as "a".*gcloud secrets versions list nowhere --project shop-prod/,
      /LK0040 .* as "b"/,
      /LK0035 .* as "c"/,
    ]) {
      expect(error.message).toMatch(text);
    }
    expect(error.message).toContain("3 problems");
  });

  it("tells keys that do not fit, without their values", async () => {
    const secrets = `
- { resourceName: ${secret("db")}, path: b, extractJSONKey: port }
- { resourceName: ${secret("db")}, path: c, extractJSONKey: usr }
- { resourceName: ${secret("yaml")}, path: d, extractYAMLKey: since }
- { resourceName: ${secret("bytes")}, path: e, extractYAMLKey: since }
`;
    const error = await node.publishError({ provider, parameters: { secrets }, audiences, volume: "g" });
    for (const text of [
      /LK0040 .*as "b".*unsupported value type for key "port"/,
      /LK0035 .*as "c".*key "usr" not found in JSON.*did you mean the key "user"/,
      /LK0040 .*as "d".*unsupported value type for key "since"/,
      /LK0040 .*as "e".*the secret has no key "since": it is not UTF-8/,
    ]) {
      expect(error.message).toMatch(text);
    }
    expect(error.message).not.toMatch(/5432|2024/);
  });

  it("says how to get the token where none came", async () => {
    const error = await node.publishError({
      provider,
      parameters: { secrets: `- { resourceName: ${secret("db")}, path: a }` },
      volume: "h",
    });
    expect([error.code, error.message]).toEqual([
      "UNAUTHENTICATED",
      expect.stringMatching(/LK0011 .*"shop-prod\.svc\.id\.goog".*tokenRequests/s),
    ]);
  });

  it("reads no more than the pod's own account may", async () => {
    gcp.state.readers = new Set([`serviceAccount:${clusterPool}[shop/bare]`]);
    const error = await node.publishError({
      provider,
      parameters: { secrets: `- { resourceName: ${secret("db")}, path: a }` },
      audiences,
      volume: "i",
    });
    gcp.state.readers = undefined;
    expect(error.code).toBe("PERMISSION_DENIED");
    expect(error.message).toContain(
      `gcloud secrets add-iam-policy-binding db --project shop-prod --role roles/secretmanager.secretAccessor --member "serviceAccount:${account}"`,
    );
  });
});

describe("stores of Google Cloud in the native dialect", () => {
  const native = (stores: string, secrets: string, volume: string) =>
    node.publish({ provider: "latchkey", parameters: { stores, secrets }, audiences, volume });
  const sm = "gcp: { kind: gcp-secret-manager, project: shop-prod }";

  it("read versions, the one before, aliases and other projects", async () => {
    for (const value of ["one", "two", "three"]) gcp.addSecret("versions", value);
    gcp.state.secrets.get("projects/shop-prod/secrets/versions")?.aliases.set("stable", 1);
    const { target } = await native(
      sm,
      `
- { store: gcp, name: versions, files: [{ path: now }] }
- { store: gcp, name: versions, version: previous, files: [{ path: before }] }
- { store: gcp, name: projects/shop-prod/secrets/versions, alias: stable, files: [{ path: stable }] }
- { store: gcp, name: versions, version: 2, files: [{ path: two }] }
- { store: gcp, name: yaml, files: [{ path: yaml, yamlKey: user }] }
`,
      "n1",
    );
    const texts = await Promise.all(
      ["now", "before", "stable", "two", "yaml"].map((path) => readFile(join(target, path), "utf8")),
    );
    expect(texts).toEqual(["three", "two", "one", "two", "shop"]);
  });

  it("take the cluster's own project where none is named", async () => {
    const { target } = await native(
      "gcp: { kind: gcp-secret-manager }",
      "- { store: gcp, name: db, files: [{ path: user, key: user }] }",
      "n2",
    );
    expect(await readFile(join(target, "user"), "utf8")).toBe("shop");
  });

  it("find secrets by prefix, labels and pattern, over pages", async () => {
    gcp.state.pageSize = 2;
    for (const name of ["feature-a", "feature-b", "feature-c", "other-feature-d", "Feature-e"]) {
      gcp.addSecret(name, name, { labels: { team: name === "feature-b" ? "web" : "shop" } });
    }
    const { target } = await native(
      sm,
      `- { store: gcp, find: { prefix: feature-, labels: { team: shop }, pattern: "[a-c]$" }, expand: { path: features/ } }`,
      "n3",
    );
    gcp.state.pageSize = 1_000;
    expect(await readFile(join(target, "features/a"), "utf8")).toBe("feature-a");
    await expect(readFile(join(target, "features/b"), "utf8")).rejects.toThrow("ENOENT");
    expect(await readFile(join(target, "features/c"), "utf8")).toBe("feature-c");
  });

  it("fall back to another region", async () => {
    gcp.addSecret("db2", "global");
    gcp.addSecret("db2", "regional", { location: "europe-west1" });
    gcp.answerNext(/\/at\/global\/secretmanager\/.*db2/, { status: 503, body: "" }, 100);
    const stores = `${sm}\neu: { kind: gcp-secret-manager, project: shop-prod, location: europe-west1 }`;
    const { target } = await native(
      stores,
      "- { store: gcp, name: db2, files: [{ path: a }], fallback: [{ store: eu, name: db2 }] }",
      "n4",
    );
    gcp.answerNormally();
    expect(await readFile(join(target, "a"), "utf8")).toBe("regional");
  });

  it("read the newest version of a parameter", async () => {
    for (const version of ["v1", "v2", "v10"]) gcp.putParameter("mode", version, version, { location: "europe-west1" });
    const stores = "pm: { kind: gcp-parameter-manager, project: shop-prod, location: europe-west1 }";
    const { target } = await native(
      stores,
      "- { store: pm, name: mode, files: [{ path: m }] }\n- { store: pm, name: mode, version: v1, files: [{ path: one }] }",
      "n5",
    );
    expect([await readFile(join(target, "m"), "utf8"), await readFile(join(target, "one"), "utf8")]).toEqual([
      "v10",
      "v1",
    ]);
  });
});
