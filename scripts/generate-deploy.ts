import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { dialectNames } from "../src/dialects/index.ts";
import { options } from "../src/node/options.ts";
import { chartOptions, renderChart, testImage } from "../test/servers/helm.ts";

// Writes what is made from the chart and the program's options: the names in deploy/chart/values.schema.json, the alerts and the
// dashboard in deploy/chart/files (Helm reads no file outside of a chart), and the plain manifests. With --check it only says what is not current. Helm is made on first use, which takes two minutes and Go.

const root = join(import.meta.dirname, "..");
const run = promisify(execFile);

const heads = {
  "latchkey.yaml": `# Latchkey as a DaemonSet: deploy/chart with its defaults, if you don't use Helm. Put your own image into both places that say
# example.com/latchkey (there is no published one), and list the dialects that you want after --providers, and as the last
# argument of the init container.`,
  "latchkey-provider-delivery.yaml": `# Latchkey with --deliver provider: it writes the files into the pods' volumes itself and answers with versions only. Take
# this manifest only where volumes are larger than a reply may be (4 MiB); otherwise deploy/latchkey.yaml, which needs less.
# Never both on one node: they serve the same sockets.
#
# It runs as root, with the kubelet's pods directory mounted: volumes belong to root. All capabilities are dropped, for what
# it writes to is root's own. It writes only to
#
#   /var/lib/kubelet/pods/<uid of the pod of the request>/volumes/kubernetes.io~csi/<volume>/mount
#
# reached over no symbolic link, and only where that is a tmpfs.`,
};

const tail = `#
# Made by \`node scripts/generate-deploy.ts\`. deploy/chart/README.md says what else it needs: the key of the object versions,
# the audiences of tokens, and rights where a feature needs one. There is no right in this file.
#
# The namespace must allow hostPath volumes (Pod Security Standards: privileged), as kube-system does.
# Nodes that enforce SELinux need a label besides: see docs/install.md, which also says what was tried on real nodes.`;

async function schema(): Promise<string> {
  const known = JSON.parse(await readFile(join(root, "deploy/chart/values.schema.json"), "utf8"));
  known.properties.providers.items.enum = dialectNames;
  const free = Object.keys(options).filter((name) => !chartOptions.has(name));
  known.properties.config.properties = Object.fromEntries(free.sort().map((name) => [name, {}]));
  return await formatted(JSON.stringify(known));
}

async function formatted(json: string): Promise<string> {
  const running = run("biome", ["format", "--stdin-file-path=values.schema.json"], { cwd: root });
  running.child.stdin?.end(json);
  return (await running).stdout;
}

async function manifest(name: keyof typeof heads): Promise<string> {
  const values = name === "latchkey.yaml" ? {} : { deliver: "provider" };
  const rendered = (await renderChart(values)).replaceAll(testImage, "example.com/latchkey");
  return `${heads[name]}\n${tail}\n${rendered}`;
}

/** The chart's copies, by the file that each is a copy of. */
const copies = {
  "deploy/alerts/latchkey.yaml": "deploy/chart/files/alerts.yaml",
  "deploy/dashboards/latchkey.json": "deploy/chart/files/dashboard.json",
} as const;

const files = new Map([["deploy/chart/values.schema.json", await schema()]]);
for (const [source, copy] of Object.entries(copies)) files.set(copy, await readFile(join(root, source), "utf8"));
const check = process.argv.includes("--check");
for (const [path, text] of files) await put(path, text);
for (const name of ["latchkey.yaml", "latchkey-provider-delivery.yaml"] as const) {
  await put(`deploy/${name}`, await manifest(name));
}

async function put(path: string, text: string): Promise<void> {
  const file = join(root, path);
  if (existsSync(file) && (await readFile(file, "utf8")) === text) return;
  if (!check) return await writeFile(file, text);
  process.stderr.write(`${path} is not current: run node scripts/generate-deploy.ts\n`);
  process.exitCode = 1;
}
