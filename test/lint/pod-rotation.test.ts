import { describe, expect, it } from "vitest";
import { classOf, lintText } from "./lint-of.ts";

const aws = "aws: { kind: aws-secrets-manager, region: eu-west-1 }\n#\n";
const current = "- { store: aws, name: db, files: [{ path: current, key: password }] }\n";
const previous = "- { store: aws, name: db, versionStage: AWSPREVIOUS, files: [{ path: previous, key: password }] }\n";
const secretOf = "- { name: db, data: { password: { file: current } } }\n";

const native = (secrets: string, name = "web", more: Readonly<Record<string, string>> = {}) =>
  classOf("latchkey", { stores: aws, secrets, ...more }).replace("name: web", `name: ${name}`);

const made = native(current, "web", { kubernetesSecrets: secretOf });

interface Workload {
  readonly kind?: string;
  readonly annotations?: string;
  readonly mounts?: readonly string[];
  readonly container?: string;
}

function workload({ kind = "Deployment", annotations = "{}", mounts = ["web"], container = "" }: Workload): string {
  const volumes = mounts.map(
    (name) =>
      `{ name: ${name}, csi: { driver: secrets-store.csi.k8s.io, readOnly: true, volumeAttributes: { secretProviderClass: ${name} } } }`,
  );
  return `---
apiVersion: apps/v1
kind: ${kind}
metadata: { name: w, namespace: shop, annotations: ${annotations} }
spec:
  template:
    spec:
      containers: [{ name: main${container} }]
      volumes: [${volumes.join(", ")}]
`;
}

const variable = ", env: [{ name: A, valueFrom: { secretKeyRef: { name: db, key: password } } }]";

async function ids(text: string): Promise<readonly string[]> {
  return (await lintText(text)).findings.map(({ id, subject = "" }) => `${id} ${subject}`.trim());
}

describe("lint of an environment variable from a Secret", () => {
  it("tells that it is never updated", async () => {
    expect(await ids(made + workload({ container: variable }))).toEqual(['stale-variable container "main"']);
    const whole = ", envFrom: [{ secretRef: { name: db } }]";
    expect(await ids(made + workload({ container: whole }))).toEqual(['stale-variable container "main"']);
  });

  it.each([
    "{ reloader.stakater.com/auto: 'true' }",
    "{ secret.reloader.stakater.com/reload: db }",
    "{ secretproviderclass.reloader.stakater.com/reload: web }",
  ])("says nothing where Reloader restarts the pod by %s", async (annotations) => {
    expect(await ids(made + workload({ container: variable, annotations }))).toEqual([]);
  });

  it("tells of it where Reloader is told not to", async () => {
    const off = "{ reloader.stakater.com/auto: 'false' }";
    expect(await ids(made + workload({ container: variable, annotations: off }))).toEqual([
      'stale-variable container "main"',
    ]);
  });
});

describe("lint of a Secret that pods keep fresh", () => {
  const other = native(current, "other");

  it("tells where none mounts its class, and where only Jobs do", async () => {
    expect(await ids(`${made}---\n${other}${workload({ mounts: ["other"] })}`)).toEqual(["unkept-secret"]);
    expect(await ids(made + workload({ kind: "Job" }))).toEqual(["unkept-secret"]);
  });

  it("says nothing where a pod runs on, and where not all of the input is known", async () => {
    expect(await ids(made + workload({}) + workload({ kind: "Job" }))).toEqual([]);
    expect(await ids(made)).toEqual([]);
    expect(await ids(made + workload({ mounts: ["elsewhere"] }))).toEqual(['unseen-class volume "elsewhere"']);
  });
});

describe("lint of a password with spread", () => {
  const spread = (more: string) => `- { store: aws, name: db, spread: 1h, ${more} }\n`;

  it("tells of one whose user stays the same", async () => {
    expect(await ids(native(spread("files: [{ path: p, key: password }]")))).toEqual(["lost-credential secrets[0]"]);
    expect(await ids(native(spread("files: [{ path: db/PASSWORD }]")))).toEqual(["lost-credential secrets[0]"]);
  });

  it.each([
    ["a user beside it", spread("files: [{ path: u, key: username }, { path: p, key: password }]")],
    ["a previous one", spread("files: [{ path: c, key: password }]") + previous],
    [
      "a try",
      spread("files: [{ path: p, key: password }], verify: { kind: redis, host: r, tls: verify, password: {} }"),
    ],
    ["no password", spread("files: [{ path: tls.crt }]")],
    ["no spread", current],
  ])("says nothing of one with %s", async (_, secrets) => {
    expect(await ids(native(secrets))).toEqual([]);
  });
});

describe("lint of a workload that Reloader restarts", () => {
  const annotations = "{ secretproviderclass.reloader.stakater.com/auto: 'true' }";
  const apart = previous.replace("versionStage", "share: pod, versionStage");

  it("tells of stages that change one after the other", async () => {
    expect(await ids(native(current + apart) + workload({ annotations }))).toEqual(["two-restarts Reloader"]);
    const two = `${native(current)}---\n${native(previous, "old")}${workload({ annotations, mounts: ["web", "old"] })}`;
    expect(await ids(two)).toEqual(["two-restarts Reloader"]);
  });

  it("says nothing of stages that are read together, of two secrets, and of a pod that nobody restarts", async () => {
    expect(await ids(native(current + previous) + workload({ annotations }))).toEqual([]);
    expect(
      await ids(native(current + current.replace("db", "x").replace("current", "x")) + workload({ annotations })),
    ).toEqual([]);
    expect(await ids(native(current + apart) + workload({}))).toEqual([]);
  });
});
