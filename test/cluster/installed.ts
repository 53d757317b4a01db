import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { flagOf, type options } from "../../src/config/options.ts";
import { type Container, settingsOf } from "../deploy/rendered.ts";
import { type Latchkey, runLatchkey } from "../e2e/process.ts";
import { freePort } from "../servers/free-port.ts";
import { helm, type Values } from "../servers/helm.ts";
import type { Cluster } from "./cluster.ts";
import { requestToken } from "./objects.ts";
import { until } from "./until.ts";

/** One line of Latchkey's log. */
type LogLine = Readonly<Record<string, unknown>>;

/** Latchkey as the chart has it in a cluster: the built program, the DaemonSet's arguments, the token of its service account. */
export interface Installed extends Latchkey {
  readonly adminPort: number;
  /** Where its own token lies, as the kubelet would replace it. */
  readonly tokenFile: string;
  log(): readonly LogLine[];
  /** The last log line of a pod's mounts; a line can come through the pipe after the mount's answer. */
  mountOf(pod: string): Promise<LogLine>;
}

/** How to run what is installed. */
export interface InstalledOptions {
  /** Where the driver looks for sockets, and where the pods' volumes are. */
  readonly socketDir: string;
  readonly kubeletDir: string;
  /** Settings over those of the chart, by option name; undefined takes one away. */
  readonly settings?: Readonly<Record<string, string | undefined>>;
  /** Environment beside the address of the API. */
  readonly env?: Readonly<Record<string, string>>;
  /** Seconds that its own token is valid; the API makes it 600 at least. */
  readonly tokenSeconds?: number;
  /** Where its own token lies; default one of its own, with a fresh token. */
  readonly credentials?: string;
  /** Called when all that the start needs of the API is read. */
  readonly beforeStart?: () => Promise<void>;
}

const chart = join(import.meta.dirname, "../../deploy/chart");
const namespace = "kube-system";

/** Installs or upgrades the chart by Helm. Throws with what Helm wrote where it refuses. */
export async function installChart(cluster: Cluster, values: Values): Promise<string> {
  const file = join(cluster.directory, "values.json");
  await writeFile(file, JSON.stringify(values));
  const place = ["--namespace", namespace, "--kubeconfig", cluster.kubeConfig];
  return await helm(["upgrade", "--install", "latchkey", chart, ...place, "--values", file]);
}

/** Writes what the kubelet mounts for a service account: token, authority and namespace. Gives the directory. */
async function writeCredentials(cluster: Cluster, seconds = 3_600): Promise<string> {
  const directory = await mkdtemp(join(cluster.directory, "account-"));
  const account = { namespace, serviceAccount: "latchkey", expirationSeconds: seconds };
  const { token } = await requestToken(cluster, account);
  await writeFile(join(directory, "token"), token);
  await writeFile(join(directory, "ca.crt"), cluster.caPem);
  await writeFile(join(directory, "namespace"), namespace);
  return directory;
}

/** Runs the built program as the installed DaemonSet says, and waits until it serves. */
export async function runInstalled(cluster: Cluster, options: InstalledOptions): Promise<Installed> {
  const credentials = options.credentials ?? (await writeCredentials(cluster, options.tokenSeconds));
  const adminPort = await freePort();
  const settings = await settingsFor(cluster, options, { credentials, adminPort });
  const flags = [...settings].map(([name, value]) => `${flagOf(name)}=${value}`);
  await options.beforeStart?.();
  const latchkey = runLatchkey(["serve", ...flags], {
    env: {
      KUBERNETES_SERVICE_HOST: "127.0.0.1",
      KUBERNETES_SERVICE_PORT: String(cluster.port),
      ...options.env,
    },
  });
  await latchkey.until(/"msg":"serving"|serving/);
  const log = () => linesOf(latchkey.output());
  return {
    ...latchkey,
    adminPort,
    tokenFile: join(credentials, "token"),
    log,
    mountOf: (pod) => mountOf(log, pod),
  };
}

/** The settings of the DaemonSet in the cluster, with this machine's places for those of a container. */
async function settingsFor(
  cluster: Cluster,
  { socketDir, kubeletDir, settings = {} }: InstalledOptions,
  { credentials, adminPort }: { readonly credentials: string; readonly adminPort: number },
): Promise<ReadonlyMap<keyof typeof options & string, string>> {
  const place = await mkdtemp(join(cluster.directory, "container-"));
  const daemonSet = await read<DaemonSet>(cluster, `/apis/apps/v1/namespaces/${namespace}/daemonsets/latchkey`);
  const [container] = daemonSet.spec.template.spec.containers;
  const given = new Map<string, string | undefined>(settingsOf(container));
  const config = await read<{ data: { "config.yaml": string } }>(
    cluster,
    `/api/v1/namespaces/${namespace}/configmaps/latchkey`,
  );
  await writeFile(join(place, "config.yaml"), config.data["config.yaml"]);
  const key = given.get("versionKeyFile")?.split("/").at(-1);
  if (key !== undefined) await writeFile(join(place, "version.key"), await versionKey(cluster, key));
  const own: Record<string, string | undefined> = {
    ...{ config: join(place, "config.yaml"), socketDir, kubeletDir, nodeName: "node-1" },
    ...(key === undefined ? {} : { versionKeyFile: join(place, "version.key") }),
    // This place need not be on a tmpfs.
    ...(given.has("cacheDir") ? { cacheDir: await cacheDirectory(place), allowDiskCache: "true" } : {}),
    ...{ kubernetesTokenFile: join(credentials, "token"), kubernetesCaFile: join(credentials, "ca.crt") },
    adminListen: `127.0.0.1:${adminPort}`,
    ...settings,
  };
  for (const [name, value] of Object.entries(own)) given.set(name, value);
  return new Map(
    [...given].flatMap(([name, value]) => (value === undefined ? [] : [[name as keyof typeof options, value]])),
  );
}

interface DaemonSet {
  readonly spec: { readonly template: { readonly spec: { readonly containers: readonly [Container] } } };
}

async function read<T>(cluster: Cluster, path: string): Promise<T> {
  const found = await cluster.admin.get<T>(path);
  if (found === undefined) throw new Error(`the cluster has no ${path}: install the chart first`);
  return found;
}

async function versionKey(cluster: Cluster, key: string): Promise<Buffer> {
  const secret = await read<{ data: Record<string, string> }>(
    cluster,
    `/api/v1/namespaces/${namespace}/secrets/latchkey-version-key`,
  );
  return Buffer.from(secret.data[key] ?? "", "base64");
}

async function cacheDirectory(place: string): Promise<string> {
  const directory = join(place, "cache");
  await mkdir(directory, { mode: 0o700 });
  return directory;
}

async function mountOf(log: () => readonly LogLine[], pod: string): Promise<LogLine> {
  const line = await until(
    async () => log().findLast((each) => each.msg === "mount" && each.pod === pod),
    (found) => found !== undefined,
  );
  if (line === undefined) throw new Error(`there is no log line of a mount of ${pod}`);
  return line;
}

function linesOf(output: string): readonly LogLine[] {
  return output.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : []));
}
