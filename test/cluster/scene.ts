import { join } from "node:path";
import { createDriver, type Published } from "../driver.ts";
import { installChart, type Values } from "../servers/helm.ts";
import { type OpenBao, startOpenBao } from "../servers/openbao.ts";
import { enableKubernetesAuth, setTokenReviewer, type TokenReviewer } from "../servers/openbao-engines.ts";
import { allowReads, putKv2 } from "../servers/openbao-setup.ts";
import type { IssuedToken } from "../tokens.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { type Installed, type InstalledOptions, runInstalled } from "./installed.ts";
import { type Kubelet, type PodVolume, startKubelet } from "./kubelet.ts";
import { makeClass, makeNamespace, makeNode, requestToken } from "./objects.ts";

/** A whole cluster: control plane, driver, the installed chart, and OpenBao that asks the API server about tokens. */
export interface Scene {
  readonly cluster: Cluster;
  readonly kubelet: Kubelet;
  readonly bao: OpenBao;
  /** Runs what the chart says, as often as a test needs it; stopped with the scene. */
  run(options?: Partial<InstalledOptions>): Promise<Installed>;
  /** Asks Latchkey's socket as the driver does, with any tokens and parameters. Throws a `PublishError` where it fails. */
  mountBeside(mount: MountBeside): Promise<Published>;
  /** Gives OpenBao's reviewer a fresh token, after the signing key of the old one was taken away. */
  trustAgain(): Promise<void>;
  stop(): Promise<void>;
}

/** A mount that no kubelet asks for. */
export interface MountBeside {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** The pod's name; its uid is its name too unless there is a pod. */
  readonly pod: string;
  readonly podUid?: string;
  readonly secretProviderClass: string;
  readonly spec: { readonly provider: string; readonly parameters: Readonly<Record<string, string>> };
  /** By audience. */
  readonly tokens?: Readonly<Record<string, IssuedToken>>;
}

/** Values of the chart that every test needs: there is no version key yet, and OpenBao is on loopback. */
function withNeeded(values: Values): Values {
  return {
    versionKey: { generate: true },
    ...values,
    config: { allowAddress: "127.0.0.1", ...(values.config as object) },
  };
}

/**
 * Starts all of it but Latchkey itself; the CSIDriver asks for tokens for these audiences. `secret/data/db` holds a password; the namespace `shop` has the account `payments`,
 * whose pods may read it by the role `shop`.
 */
export async function startScene(
  values: Values | ((cluster: Cluster) => Values),
  audiences: readonly string[] = ["vault", "latchkey"],
): Promise<Scene> {
  const endings: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const end of endings.splice(0).reverse()) await end();
  };
  try {
    const [cluster, bao] = await Promise.all([startCluster(), startOpenBao()]);
    endings.push(cluster.stop, bao.stop);
    const kubelet = await startKubelet(cluster, audiences);
    endings.push(kubelet.stop);
    await Promise.all([
      installChart(cluster.kubeConfig, withNeeded(typeof values === "function" ? values(cluster) : values)),
      makeNamespace(cluster, "shop", ["payments", "web"]),
      makeNode(cluster, "node-1", { "topology.kubernetes.io/region": "eu-west-1" }),
    ]);
    await trustCluster(bao, cluster);
    await putKv2(bao, "db", { username: "shop", password: "p1" });
    const run: Scene["run"] = async (options) => {
      const latchkey = await runInstalled(cluster, {
        ...{ socketDir: kubelet.socketDir, kubeletDir: kubelet.directory },
        ...options,
      });
      endings.push(latchkey.stop);
      return latchkey;
    };
    const driver = createDriver({ socketDir: kubelet.socketDir });
    endings.push(async () => driver.close());
    const mountBeside = ({ spec, pod: name, podUid: uid = name, tokens, ...rest }: MountBeside) =>
      driver.publish({
        ...{ ...spec, secretProviderClass: rest.secretProviderClass, targetRoot: join(kubelet.directory, "beside") },
        pod: { name, uid, namespace: rest.namespace, serviceAccount: rest.serviceAccount },
        ...(tokens === undefined ? {} : { tokens }),
      });
    const trustAgain = async () => setTokenReviewer(bao, await reviewerOf(cluster));
    return { cluster, kubelet, bao, run, mountBeside, trustAgain, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Has OpenBao's Kubernetes auth method ask the API server about tokens, as a reviewer of its own. */
async function trustCluster(bao: OpenBao, cluster: Cluster): Promise<void> {
  await makeNamespace(cluster, "openbao", ["reviewer"]);
  await cluster.admin.create("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", {
    metadata: { name: "openbao-reviewer" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "system:auth-delegator" },
    subjects: [{ kind: "ServiceAccount", name: "reviewer", namespace: "openbao" }],
  });
  await allowReads(bao, "shop", ["secret/data/*"]);
  await enableKubernetesAuth(bao, await reviewerOf(cluster), ["shop"], { names: ["*"], namespaces: ["*"] });
}

/** The API server, with a fresh token of OpenBao's reviewer. */
async function reviewerOf(cluster: Cluster): Promise<TokenReviewer> {
  const { token } = await requestToken(cluster, { namespace: "openbao", serviceAccount: "reviewer" });
  return { url: cluster.url, caPem: cluster.caPem, token };
}

/** The spec of a class of the Vault dialect: one file `password`, unless more parameters say otherwise. */
export function vaultSpec({ bao }: Scene, more: Readonly<Record<string, string>> = {}): MountBeside["spec"] {
  return {
    provider: "vault",
    parameters: {
      ...{ vaultAddress: bao.address, roleName: "shop" },
      objects: "- { objectName: password, secretPath: secret/data/db, secretKey: password }",
      ...more,
    },
  };
}

/** Makes a class of the Vault dialect in `shop`, with the spec of `vaultSpec`. */
export async function makeVaultClass(
  scene: Scene,
  name = "db",
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  await makeClass(scene.cluster, "shop", name, vaultSpec(scene, more));
}

/** A pod of `shop/payments` with a class of its namespace. */
export function shopPod(name: string, secretProviderClass = "db"): PodVolume {
  return { namespace: "shop", serviceAccount: "payments", name, secretProviderClass };
}

/** Latchkey's requests to the API server so far: each verb with its resource or path once, and the user agents. */
export async function askedByLatchkey({ cluster }: Scene) {
  const own = (await cluster.audited()).filter(
    ({ user }) => user.username === "system:serviceaccount:kube-system:latchkey",
  );
  const what = own.map(({ verb, requestURI, objectRef }) => {
    const { resource, subresource } = objectRef ?? { resource: requestURI };
    return `${verb} ${subresource === undefined ? resource : `${resource}/${subresource}`}`;
  });
  return { what: [...new Set(what)].sort(), agents: [...new Set(own.map(({ userAgent }) => userAgent))] };
}
