import type { Values } from "../servers/helm.ts";
import { type OpenBao, startOpenBao } from "../servers/openbao.ts";
import { allowReads, putKv2 } from "../servers/openbao-setup.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { type Installed, type InstalledOptions, installChart, runInstalled } from "./installed.ts";
import { type Kubelet, startKubelet } from "./kubelet.ts";
import { makeClass, makeNamespace, makeNode, requestToken } from "./objects.ts";

/** A whole cluster: control plane, driver, the installed chart, and OpenBao that asks the API server about tokens. */
export interface Scene {
  readonly cluster: Cluster;
  readonly kubelet: Kubelet;
  readonly bao: OpenBao;
  /** Runs what the chart says, as often as a test needs it; stopped with the scene. */
  run(options?: Partial<InstalledOptions>): Promise<Installed>;
  stop(): Promise<void>;
}

/** Values of the chart that every test needs: there is no published image, and no key yet. */
const neededValues: Values = {
  image: { repository: "registry.internal/latchkey" },
  versionKey: { generate: true },
  config: { allowAddress: "127.0.0.1" },
};

/**
 * Starts all of it but Latchkey itself. `secret/data/db` holds a password; the namespace `shop` has the account `payments`,
 * whose pods may read it by the role `shop`.
 */
export async function startScene(values: Values): Promise<Scene> {
  const endings: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const end of endings.splice(0).reverse()) await end();
  };
  try {
    const [cluster, bao] = await Promise.all([startCluster(), startOpenBao()]);
    endings.push(cluster.stop, bao.stop);
    const kubelet = await startKubelet(cluster, ["vault", "latchkey"]);
    endings.push(kubelet.stop);
    await Promise.all([
      installChart(cluster, {
        ...neededValues,
        ...values,
        config: { ...(neededValues.config as object), ...(values.config as object) },
      }),
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
    return { cluster, kubelet, bao, run, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Lets OpenBao's Kubernetes auth method ask the API server about tokens, as its documentation says, with a reviewer of its own. */
async function trustCluster(bao: OpenBao, cluster: Cluster): Promise<void> {
  await makeNamespace(cluster, "openbao", ["reviewer"]);
  await cluster.admin.create("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", {
    metadata: { name: "openbao-reviewer" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "system:auth-delegator" },
    subjects: [{ kind: "ServiceAccount", name: "reviewer", namespace: "openbao" }],
  });
  const { token } = await requestToken(cluster, { namespace: "openbao", serviceAccount: "reviewer" });
  await bao.request("POST", "sys/auth/kubernetes", { type: "kubernetes" });
  await bao.request("POST", "auth/kubernetes/config", {
    ...{ kubernetes_host: cluster.url, kubernetes_ca_cert: cluster.caPem, token_reviewer_jwt: token },
  });
  await allowReads(bao, "shop", ["secret/data/*"]);
  await bao.request("POST", "auth/kubernetes/role/shop", {
    ...{ bound_service_account_names: ["*"], bound_service_account_namespaces: ["*"] },
    ...{ audience: "vault", token_policies: ["shop"] },
  });
}

/** Makes the class `db` of the Vault dialect in a namespace: one file `password`. */
export async function makeVaultClass({ cluster, bao }: Scene, namespace: string, name = "db"): Promise<void> {
  await makeClass(cluster, namespace, name, {
    provider: "vault",
    parameters: {
      ...{ vaultAddress: bao.address, roleName: "shop" },
      objects: "- { objectName: password, secretPath: secret/data/db, secretKey: password }",
    },
  });
}
