import { join } from "node:path";
import { ensureGoModule } from "../servers/go-module.ts";

/** The Kubernetes that tests run; the version of `test/cluster/go/kubernetes/go.mod`. */
export const kubernetesVersion = "1.35.4";

/** The driver's manifests, as its own repository has them. */
const driverFiles = [
  "deploy/csidriver.yaml",
  "deploy/rbac-secretproviderclass.yaml",
  "deploy/rbac-secretprovidersyncing.yaml",
  "deploy/secrets-store.csi.x-k8s.io_secretproviderclasses.yaml",
  "deploy/secrets-store.csi.x-k8s.io_secretproviderclasspodstatuses.yaml",
];

/**
 * The program with the parts of a cluster, each by its name as the first argument (`etcd`, `kube-apiserver`,
 * `kube-controller-manager`, `kubectl`), made on first use in about six minutes.
 */
export async function ensureClusterParts(): Promise<string> {
  const [major, minor] = kubernetesVersion.split(".");
  const version = "k8s.io/component-base/version";
  const directory = await ensureGoModule({
    name: "cluster",
    directory: join(import.meta.dirname, "go/kubernetes"),
    go: "1.26",
    linkerFlags: [
      `-X ${version}.gitVersion=v${kubernetesVersion}`,
      `-X ${version}.gitMajor=${major}`,
      `-X ${version}.gitMinor=${minor}`,
    ],
  });
  return join(directory, "cluster");
}

/** The Secrets Store CSI driver with its manifests, made on first use in about a minute. */
export async function ensureCsiDriver(): Promise<{ readonly program: string; readonly manifests: readonly string[] }> {
  const directory = await ensureGoModule({
    name: "secrets-store-csi-driver",
    directory: join(import.meta.dirname, "go/driver"),
    package: "sigs.k8s.io/secrets-store-csi-driver/cmd/secrets-store-csi-driver",
    go: "1.26",
    files: { module: "sigs.k8s.io/secrets-store-csi-driver", paths: driverFiles },
  });
  return {
    program: join(directory, "secrets-store-csi-driver"),
    manifests: driverFiles.map((path) => join(directory, "files", path.slice("deploy/".length))),
  };
}
