import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ensureGoTool } from "./go-tool.ts";

const run = promisify(execFile);

/** The chart's directory. */
const chart = join(import.meta.dirname, "../../deploy/chart");

/** The cluster that charts are rendered for: Helm made by Go knows no version of its own. */
const kubeVersion = "1.37.0";

/** The options that the chart sets by values of its own, so that `config` cannot. */
export const chartOptions: ReadonlySet<string> = new Set([
  ...[
    "config",
    "providers",
    "socketDir",
    "kubeletDir",
    "deliver",
    "logLevel",
    "nodeName",
    "tokenRequests",
    "checkPods",
    "awsRegion",
  ],
  ...["versionKey", "versionKeyFile", "vaultHmacSecretName", "openbaoHmacSecretName"],
  ...["sync", "syncNamespaces", "syncMetadataPrefixes"],
  ...["audit", "auditFile", "auditKeyFile"],
  ...["cacheDir", "cacheKeyFile", "adminSocket", "adminListen"],
]);

/** The image of charts whose values name none: the chart has no default, for there is no published one. */
export const testImage = "registry.internal/latchkey";

/** Values of the chart that differ from its defaults. */
export type Values = Readonly<Record<string, unknown>>;

/** Runs Helm, made on first use in about two minutes. Throws with what it wrote where it fails. */
export async function helm(args: readonly string[]): Promise<string> {
  const program = await ensureGoTool({
    name: "helm",
    package: "helm.sh/helm/v3/cmd/helm",
    version: "v3.22.0",
    go: "1.26",
  });
  return (await run(program, [...args], { maxBuffer: 16 * 1024 ** 2 })).stdout;
}

/**
 * The manifests of the chart with these values. With a `kubeConfig` Helm looks into that cluster, as an installation does.
 * Throws where Helm refuses them.
 */
export async function renderChart(values: Values = {}, kubeConfig?: string): Promise<string> {
  if (kubeConfig !== undefined) return await renderAnew(values, kubeConfig);
  const asked = JSON.stringify(values);
  const made = renderings.get(asked) ?? renderAnew(values);
  renderings.set(asked, made);
  return await made;
}

/** Charts as Helm rendered them before, by their values: Helm takes half a second for each, and many tests look at one. */
const renderings = new Map<string, Promise<string>>();

async function renderAnew(values: Values, kubeConfig?: string): Promise<string> {
  const cluster = kubeConfig === undefined ? [] : ["--dry-run=server", "--kubeconfig", kubeConfig];
  const args = ["template", "latchkey", chart, "--namespace", "kube-system", "--kube-version", kubeVersion, ...cluster];
  return await withValues(values, (file) => helm([...args, "--values", file]));
}

/** Installs the chart in the cluster of a kubeconfig file, or upgrades it. Throws with what Helm wrote if it refuses. */
export async function installChart(kubeConfig: string, values: Values): Promise<void> {
  const args = ["upgrade", "--install", "latchkey", chart, "--namespace", "kube-system", "--kubeconfig", kubeConfig];
  await withValues(values, (file) => helm([...args, "--values", file]));
}

/** Returns what `helm lint --strict` says of the chart with these values. Throws if it finds anything. */
export async function lintChart(values: Values = {}): Promise<string> {
  return await withValues(values, (file) =>
    helm(["lint", chart, "--strict", "--kube-version", kubeVersion, "--values", file]),
  );
}

/**
 * The notes that an installation with these values ends with. `helm template` shows none, so a copy of the chart has them
 * in an object, rendered by the same engine.
 */
export async function notesOf(values: Values = {}): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), "lk-chart-"));
  try {
    await cp(chart, copy, { recursive: true });
    await cp(join(chart, "templates/NOTES.txt"), join(copy, "files/notes.txt"));
    await writeFile(join(copy, "templates/notes.yaml"), 'notes: {{ tpl (.Files.Get "files/notes.txt") . | toJson }}\n');
    const args = ["template", "latchkey", copy, "--namespace", "kube-system", "--kube-version", kubeVersion];
    const shown = await withValues(values, (file) =>
      helm([...args, "--show-only", "templates/notes.yaml", "--values", file]),
    );
    return JSON.parse(/^notes: (.*)$/m.exec(shown)?.[1] ?? '""');
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

async function withValues(values: Values, use: (file: string) => Promise<string>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "lk-helm-"));
  try {
    const file = join(directory, "values.json");
    await writeFile(file, JSON.stringify({ image: { repository: testImage }, ...values }));
    return await use(file);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
