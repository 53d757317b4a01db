import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAuthority } from "../servers/certificates.ts";
import type { Child } from "../servers/child.ts";
import { freePort } from "../servers/free-port.ts";
import { type ApiClient, createApiClient } from "./api-client.ts";
import { type ApiServerPlace, startApiServer, type TokenKeyNames, untilReady, writeSigningKey } from "./api-server.ts";
import { startControllers } from "./controllers.ts";
import { startEtcd } from "./etcd.ts";
import { classesPath } from "./objects.ts";
import { ensureClusterParts, ensureCsiDriver } from "./programs.ts";
import { until } from "./until.ts";

/** A real control plane of a test's own on loopback: etcd, kube-apiserver and kube-controller-manager. */
export interface Cluster {
  readonly url: string;
  readonly port: number;
  readonly caPem: string;
  /** A directory of the cluster's own, gone when it stops. */
  readonly directory: string;
  /** May do everything. */
  readonly admin: ApiClient;
  /** The admin's kubeconfig file. */
  readonly kubeConfig: string;
  /** A client with a token of somebody else. */
  clientOf(token: string): ApiClient;
  /** Runs kubectl as the admin; gives what it printed. Throws with what it wrote where it fails. */
  kubectl(args: readonly string[], input?: string): Promise<string>;
  /** The requests that the API server has answered. */
  audited(): Promise<readonly AuditedRequest[]>;
  /** Kills the API server, so that its port refuses connections. */
  stopApi(): Promise<void>;
  /** Starts it again, with other keys for service account tokens where they are given, and waits until it is ready. */
  startApi(keys?: TokenKeyNames): Promise<void>;
  /** Ends everything and removes the directory. */
  stop(): Promise<void>;
}

/** A request in the API server's audit log. */
interface AuditedRequest {
  readonly requestURI: string;
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly userAgent?: string;
  readonly objectRef?: { readonly resource: string; readonly subresource?: string };
  readonly responseStatus?: { readonly code: number };
}

/** For hooks that start a cluster, in milliseconds: where `npm test` did not, the first one makes the programs. */
export const longestStart = 1_800_000;

/** The key that signs service account tokens at the start. */
const firstKey = "service-accounts-1";

/** Starts a cluster that has the driver's manifests. Takes some seconds, minutes where its programs have to be made first. */
export async function startCluster(): Promise<Cluster> {
  const program = await ensureClusterParts();
  const directory = await mkdtemp(join(tmpdir(), "latchkey-k8s-"));
  const endings: (() => Promise<void>)[] = [() => rm(directory, { recursive: true, force: true })];
  const stop = async () => {
    for (const end of endings.splice(0).reverse()) await end();
  };
  try {
    const { caPem, tokens } = await writeServerFiles(directory);
    const etcd = await startEtcd(program, directory);
    endings.push(etcd.stop);
    const place = { program, directory, etcdUrl: etcd.url, port: await freePort() };
    const apiServer = await startRestartable(place, caPem, tokens.admin);
    endings.push(apiServer.stopApi, apiServer.admin.close);
    const kubeConfig = await writeKubeConfig(directory, "admin", { url: apiServer.url, caPem, token: tokens.admin });
    const kubectl: Cluster["kubectl"] = (args, input) =>
      runKubectl(program, ["--kubeconfig", kubeConfig, ...args], directory, input);
    await applyDriver(kubectl, apiServer.admin);
    const own = { url: apiServer.url, caPem, token: tokens.controllers };
    const config = await writeKubeConfig(directory, "controllers", own);
    const controllers = await startControllers(program, { directory, kubeConfig: config, signs: firstKey });
    endings.push(controllers.stop);
    return {
      ...{ ...apiServer, port: place.port, caPem, directory, kubeConfig, stop },
      clientOf: (token) => createApiClient(apiServer.url, caPem, token),
      audited: async () => {
        const lines = (await readFile(join(directory, "audit.log"), "utf8")).split("\n");
        return lines.flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));
      },
      kubectl,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Applies the driver's manifests, and waits until its kinds are served. Before the controllers: the garbage collector looks
 * for new kinds at its start, and then every half minute.
 */
async function applyDriver(kubectl: Cluster["kubectl"], admin: ApiClient): Promise<void> {
  const { manifests } = await ensureCsiDriver();
  await kubectl(["apply", "--server-side", ...manifests.map((file) => `--filename=${file}`)]);
  const served = await until(
    () => admin.call({ method: "GET", path: classesPath("default") }),
    ({ status }) => status === 200,
  );
  if (served.status !== 200) throw new Error("SecretProviderClasses are not served");
}

async function startRestartable(place: ApiServerPlace, caPem: string, token: string) {
  let keys: TokenKeyNames = { signs: firstKey, verify: [firstKey] };
  const url = `https://127.0.0.1:${place.port}`;
  const admin = createApiClient(url, caPem, token);
  let running: Child | undefined = await startApiServer(place, keys);
  await untilReady(admin);
  return {
    ...{ url, admin },
    stopApi: async () => {
      await running?.stop();
      running = undefined;
    },
    startApi: async (next?: TokenKeyNames) => {
      keys = next ?? keys;
      running = await startApiServer(place, keys);
      await untilReady(admin);
    },
  };
}

/** One line a request, when it is answered (https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/). */
const auditPolicy = {
  ...{ apiVersion: "audit.k8s.io/v1", kind: "Policy" },
  omitStages: ["RequestReceived", "ResponseStarted"],
  rules: [{ level: "Metadata" }],
};

async function writeServerFiles(directory: string) {
  const authority = await createAuthority("Kubernetes test authority");
  const certificate = await authority.issue();
  const tokens = { admin: randomUUID(), controllers: randomUUID() };
  const users = [
    `${tokens.admin},admin,admin,system:masters`,
    `${tokens.controllers},system:kube-controller-manager,controllers,system:masters`,
  ];
  await Promise.all([
    writeFile(join(directory, "ca.crt"), authority.caPem),
    writeFile(join(directory, "server.crt"), certificate.cert),
    writeFile(join(directory, "server.key"), certificate.key, { mode: 0o600 }),
    writeFile(join(directory, "users.csv"), `${users.join("\n")}\n`, { mode: 0o600 }),
    writeFile(join(directory, "audit-policy.json"), JSON.stringify(auditPolicy)),
    writeSigningKey(directory, firstKey),
  ]);
  return { caPem: authority.caPem, tokens };
}

/** Writes a kubeconfig file (https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/); gives its path. */
export async function writeKubeConfig(
  directory: string,
  name: string,
  { url, caPem, token }: { readonly url: string; readonly caPem: string; readonly token: string },
): Promise<string> {
  const path = join(directory, `${name}.kubeconfig`);
  const authority = Buffer.from(caPem).toString("base64");
  const config = {
    ...{ apiVersion: "v1", kind: "Config", "current-context": name },
    clusters: [{ name, cluster: { server: url, "certificate-authority-data": authority } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
  };
  await writeFile(path, JSON.stringify(config), { mode: 0o600 });
  return path;
}

async function runKubectl(program: string, args: readonly string[], home: string, input = ""): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const env = { PATH: process.env.PATH ?? "", HOME: home };
  const child = execFile(program, ["kubectl", ...args], { env, maxBuffer: 16 * 1024 ** 2 }, (error, stdout, stderr) => {
    if (error === null) resolve(stdout);
    else reject(new Error(`kubectl ${args.slice(2).join(" ")}: ${stderr.trim()}`));
  });
  child.stdin?.end(input);
  return await promise;
}
