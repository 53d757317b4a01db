import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { flagOf } from "../../src/config/options.ts";
import { type Container, settingsOf } from "../deploy/rendered.ts";
import { type Latchkey, runLatchkey } from "../e2e/process.ts";
import type { Cluster } from "./cluster.ts";
import { type LogLine, logIn, mountIn } from "./log.ts";
import { requestToken } from "./objects.ts";

/** Latchkey as the chart has it in a cluster: the built program, the DaemonSet's arguments, the token of its service account. */
export interface Installed extends Latchkey {
  /** Where its own token lies, as the kubelet would replace it. */
  readonly tokenFile: string;
  log(): readonly LogLine[];
  /** The last log line of a pod's mounts. */
  mountOf(pod: string): Promise<LogLine>;
}

/** How to run what is installed. */
export interface InstalledOptions {
  /** Where the driver looks for sockets, and where the pods' volumes are. */
  readonly socketDir: string;
  readonly kubeletDir: string;
  /** Settings over those of the chart, by option name. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Called when all that the start needs of the API is read. */
  readonly beforeStart?: () => Promise<void>;
}

const namespace = "kube-system";

/** A token of Latchkey's own service account, for the API server. */
export async function ownToken(cluster: Cluster): Promise<string> {
  return (await requestToken(cluster, { namespace, serviceAccount: "latchkey" })).token;
}

/** Writes what the kubelet mounts for a service account: token, authority and namespace. Gives the directory. */
export async function writeCredentials(cluster: Cluster): Promise<string> {
  const directory = await mkdtemp(join(cluster.directory, "account-"));
  await writeFile(join(directory, "token"), await ownToken(cluster));
  await writeFile(join(directory, "ca.crt"), cluster.caPem);
  await writeFile(join(directory, "namespace"), namespace);
  return directory;
}

/** Runs the built program as the installed DaemonSet says, and waits until it serves. */
export async function runInstalled(cluster: Cluster, options: InstalledOptions): Promise<Installed> {
  const credentials = await writeCredentials(cluster);
  const settings = await settingsFor(cluster, options, credentials);
  const flags = [...settings].map(([name, value]) => `${flagOf(name)}=${value}`);
  await options.beforeStart?.();
  const latchkey = runLatchkey(["serve", ...flags], {
    env: { KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: String(cluster.port) },
  });
  await latchkey.until(/"msg":"serving"/);
  return {
    ...latchkey,
    tokenFile: join(credentials, "token"),
    log: () => logIn(latchkey.output()),
    mountOf: (pod) => mountIn(latchkey.output, pod),
  };
}

/** The settings of the DaemonSet in the cluster, with this machine's places for those of a container. */
async function settingsFor(
  cluster: Cluster,
  { socketDir, kubeletDir, settings = {} }: InstalledOptions,
  credentials: string,
): Promise<ReadonlyMap<string, string>> {
  const place = await mkdtemp(join(cluster.directory, "container-"));
  const daemonSet = await read<DaemonSet>(cluster, `/apis/apps/v1/namespaces/${namespace}/daemonsets/latchkey`);
  const [container] = daemonSet.spec.template.spec.containers;
  const given = settingsOf(container);
  const config = await read<{ data: { "config.yaml": string } }>(
    cluster,
    `/api/v1/namespaces/${namespace}/configmaps/latchkey`,
  );
  await writeFile(join(place, "config.yaml"), config.data["config.yaml"]);
  const key = given.get("versionKeyFile")?.split("/").at(-1);
  if (key !== undefined) await writeFile(join(place, "version.key"), await versionKey(cluster, key));
  const own: Readonly<Record<string, string>> = {
    ...{ config: join(place, "config.yaml"), socketDir, kubeletDir, nodeName: "node-1" },
    ...(key === undefined ? {} : { versionKeyFile: join(place, "version.key") }),
    // This place need not be on a tmpfs.
    ...(given.has("cacheDir") ? { cacheDir: await cacheDirectory(place), allowDiskCache: "true" } : {}),
    ...{ kubernetesTokenFile: join(credentials, "token"), kubernetesCaFile: join(credentials, "ca.crt") },
    adminListen: "127.0.0.1:0",
    ...settings,
  };
  return new Map([...given, ...Object.entries(own)]);
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
