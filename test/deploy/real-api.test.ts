import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cluster, longestStart, startCluster } from "../cluster/cluster.ts";
import { installChart } from "../cluster/installed.ts";
import { makeNamespace, requestToken } from "../cluster/objects.ts";
import { until } from "../cluster/until.ts";
import { yamlBlocks } from "../docs/blocks.ts";
import { parseObjects } from "../docs/documents.ts";
import { notesOf, renderChart, testImage } from "../servers/helm.ts";
import { valueSets } from "./value-sets.ts";

const image = { repository: testImage };

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster();
  await makeNamespace(cluster, "shop");
  await makeNamespace(cluster, "bank");
}, longestStart);

afterAll(() => cluster?.stop());

/** What kubectl prints for manifests: a line an object. Throws where the API refuses one, or warns of a field. */
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
    const values = { image, versionKey: { generate: true } };
    await installChart(cluster, values);
    await installChart(cluster, { ...values, logLevel: "debug" });
    expect(await cluster.admin.get(path)).toEqual(made);
  });
});

describe("the admission policy of docs/hardening.md on a real API server", () => {
  it("refuses Latchkey's account the Secrets that are credentials, and nobody else", async () => {
    await installChart(cluster, { image, versionKey: { generate: true }, sync: { enabled: true } });
    const { token } = await requestToken(cluster, { namespace: "kube-system", serviceAccount: "latchkey" });
    const latchkey = ["--token", token];
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

/** What the API says to who applies a Secret of a type, which it does not keep. */
async function create(type: string, as: readonly string[] = []): Promise<string> {
  const annotations = { "kubernetes.io/service-account.name": "default" };
  const metadata = { name: "made", namespace: "shop", annotations };
  const secret = JSON.stringify({ apiVersion: "v1", kind: "Secret", type, metadata });
  const applied = cluster.kubectl(["apply", "--server-side", "--dry-run=server", "-f", "-", ...as], secret);
  return await applied.catch((error: Error) => error.message);
}
