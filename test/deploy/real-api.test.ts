import { execFile } from "node:child_process";
import { mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cluster, longestStart, startCluster } from "../cluster/cluster.ts";
import { ownToken } from "../cluster/installed.ts";
import { makeNamespace } from "../cluster/objects.ts";
import { ensureClusterParts } from "../cluster/programs.ts";
import { until } from "../cluster/until.ts";
import { fencedBlocks, yamlBlocks } from "../docs/blocks.ts";
import { parseObjects } from "../docs/documents.ts";
import { installChart, notesOf, renderChart } from "../servers/helm.ts";
import { valueSets } from "./value-sets.ts";

const run = promisify(execFile);

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster();
  await makeNamespace(cluster, "shop");
  await makeNamespace(cluster, "bank");
}, longestStart);

afterAll(() => cluster?.stop());

/** Applies manifests; gives the lines that kubectl prints, one for each object. Throws if the API refuses one, or warns of a field. */
async function apply(manifests: string, ...options: readonly string[]): Promise<readonly string[]> {
  return (await cluster.kubectl(["apply", "--validate=strict", "-f", "-", ...options], manifests)).trim().split("\n");
}

describe("the chart on a real API server", () => {
  it.each(valueSets)("is taken by strict validation: %s", async (_, values) => {
    const objects = parseObjects(await renderChart(values)).filter((object) => object !== null);
    // Those of the Prometheus operator are not the API server's own.
    const own = objects.filter(({ apiVersion }) => apiVersion !== "monitoring.coreos.com/v1");
    const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: own });
    expect((await apply(list, "--dry-run=server")).length).toBe(own.length);
  });

  it("is installed over the version key that the command of the notes made, and keeps it at an upgrade", async () => {
    const command = /kubectl (create secret generic .*) --from-file=key=version-key$/m.exec(await notesOf({}))?.[1];
    await cluster.kubectl([...(command ?? "").split(" "), "--from-literal=key=0123456789abcdef0123456789abcdef"]);
    const path = "/api/v1/namespaces/kube-system/secrets/latchkey-version-key";
    const made = await cluster.admin.get(path);
    const values = { versionKey: { generate: true } };
    await installChart(cluster.kubeConfig, values);
    await installChart(cluster.kubeConfig, { ...values, logLevel: "debug" });
    expect(await cluster.admin.get(path)).toEqual(made);
  });
});

describe("the admission policy of docs/hardening.md on a real API server", () => {
  it("refuses Latchkey's account the Secrets that are credentials, and nobody else", async () => {
    await installChart(cluster.kubeConfig, { versionKey: { generate: true }, sync: { enabled: true } });
    const latchkey = ["--token", await ownToken(cluster)];
    expect(await create("kubernetes.io/service-account-token", latchkey)).toContain("secret/made");
    const block = (await yamlBlocks()).find(({ text }) => text.includes("kind: ValidatingAdmissionPolicy\n"));
    await apply(block?.text ?? "");
    for (const type of ["kubernetes.io/service-account-token", "bootstrap.kubernetes.io/token", "example.com/own"]) {
      const refused = await until(
        () => create(type, latchkey),
        (said) => !said.startsWith("secret/made"),
      );
      expect(refused).toContain("denied request: Latchkey does not write Secrets of this type");
    }
    expect(await create("Opaque", latchkey)).toContain("secret/made");
    expect(await create("kubernetes.io/service-account-token")).toContain("secret/made");
  });
});

interface PlayedNode {
  readonly name: string;
  readonly isTainted?: false;
  readonly hasDriver?: false;
  /** Whether Latchkey's pod is ready; undefined where there is none. */
  readonly isReady?: boolean;
}

const taint = "example.com/secrets-not-ready";

/** A node as kubelet, driver and DaemonSet leave it in the API. */
async function makePlayedNode({ name, isTainted, hasDriver, isReady }: PlayedNode): Promise<void> {
  const { admin } = cluster;
  const spec = isTainted === false ? {} : { taints: [{ key: taint, effect: "NoSchedule" }] };
  await admin.create("/api/v1/nodes", { metadata: { name }, spec });
  const drivers = [{ name: "secrets-store.csi.k8s.io", nodeID: name, topologyKeys: [] }];
  if (hasDriver !== false) {
    const object = { apiVersion: "storage.k8s.io/v1", kind: "CSINode", metadata: { name }, spec: { drivers } };
    await admin.create("/apis/storage.k8s.io/v1/csinodes", object);
  }
  if (isReady === undefined) return;
  const pods = "/api/v1/namespaces/kube-system/pods";
  const metadata = { name: `latchkey-${name}`, labels: { "app.kubernetes.io/name": "latchkey" } };
  await admin.create(pods, {
    metadata,
    spec: { nodeName: name, containers: [{ name: "latchkey", image: "latchkey" }] },
  });
  const conditions = [{ type: "Ready", status: isReady ? "True" : "False" }];
  await admin.patch(`${pods}/latchkey-${name}/status`, { status: { conditions } });
}

describe("the recipe of docs/node-start.md on a real API server", () => {
  it("takes the taint from the nodes that have driver and Latchkey, and from no other", async () => {
    const played: readonly PlayedNode[] = [
      { name: "ready", isReady: true },
      { name: "starting", isReady: false },
      { name: "without-driver", hasDriver: false, isReady: true },
      { name: "without-latchkey" },
      { name: "untainted", isTainted: false, isReady: true },
    ];
    await Promise.all(played.map(makePlayedNode));
    const recipe = (await fencedBlocks("docs/node-start.md")).find(({ text }) => text.includes("kubectl taint"));
    await runWithKubectl(recipe?.text ?? "");
    await runWithKubectl(recipe?.text ?? "");
    const tainted = await Promise.all(
      played.map(async ({ name }) => {
        const node = await cluster.admin.get<{ spec: { taints?: readonly { key: string }[] } }>(
          `/api/v1/nodes/${name}`,
        );
        return node?.spec.taints?.some(({ key }) => key === taint) ? [name] : [];
      }),
    );
    expect(tainted.flat()).toEqual(["starting", "without-driver", "without-latchkey"]);
  });
});

/** Runs lines of a shell that call kubectl, as the admin. Throws with what they wrote where they fail. */
async function runWithKubectl(script: string): Promise<void> {
  const directory = await mkdtemp(join(cluster.directory, "bin-"));
  const program = await ensureClusterParts();
  const kubectl = `#!/bin/sh\nexec '${program}' kubectl --kubeconfig '${cluster.kubeConfig}' "$@"\n`;
  await writeFile(join(directory, "kubectl"), kubectl, { mode: 0o755 });
  await run("sh", ["-euc", script], { env: { PATH: `${directory}:${process.env.PATH}`, HOME: directory } });
}

/** Applies a Secret of a type without keeping it; gives the API's answer. */
async function create(type: string, as: readonly string[] = []): Promise<string> {
  const annotations = { "kubernetes.io/service-account.name": "default" };
  const metadata = { name: "made", namespace: "shop", annotations };
  const secret = JSON.stringify({ apiVersion: "v1", kind: "Secret", type, metadata });
  const applied = cluster.kubectl(["apply", "--server-side", "--dry-run=server", "-f", "-", ...as], secret);
  return await applied.catch((error: Error) => error.message);
}
