import type { IssuedToken } from "../tokens.ts";
import type { Cluster } from "./cluster.ts";

/** A pod of a test. */
export interface PodOptions {
  readonly namespace: string;
  readonly name: string;
  readonly serviceAccount: string;
  /** Of the CSI volume `secrets`; none: the pod has no volume. */
  readonly volumeAttributes?: Readonly<Record<string, string>>;
}

/** A token's request (https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/). */
export interface TokenOptions {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** None: for the API server itself. */
  readonly audiences?: readonly string[];
  readonly pod?: { readonly name: string; readonly uid: string };
}

/** Path of the SecretProviderClasses of a namespace. */
export function classesPath(namespace: string): string {
  return `/apis/secrets-store.csi.x-k8s.io/v1/namespaces/${namespace}/secretproviderclasses`;
}

/** Makes a namespace and service accounts in it. */
export async function makeNamespace(cluster: Cluster, name: string, accounts: readonly string[] = []): Promise<void> {
  await cluster.admin.create("/api/v1/namespaces", { metadata: { name } });
  for (const account of accounts) {
    await cluster.admin.create(`/api/v1/namespaces/${name}/serviceaccounts`, { metadata: { name: account } });
  }
}

/** Makes a node that no kubelet runs. */
export async function makeNode(
  cluster: Cluster,
  name: string,
  labels: Readonly<Record<string, string>>,
): Promise<void> {
  await cluster.admin.create("/api/v1/nodes", { metadata: { name, labels } });
}

/** Makes a pod that counts as running on `node-1`, where nothing runs it; gives its uid. */
export async function makePod(cluster: Cluster, options: PodOptions): Promise<string> {
  const { namespace, name, serviceAccount, volumeAttributes } = options;
  const csi = { driver: "secrets-store.csi.k8s.io", readOnly: true, volumeAttributes };
  const pod = await cluster.admin.create<{ metadata: { uid: string } }>(`/api/v1/namespaces/${namespace}/pods`, {
    metadata: { name },
    spec: {
      ...{ nodeName: "node-1", serviceAccountName: serviceAccount, automountServiceAccountToken: false },
      containers: [{ name: "app", image: "example.com/none" }],
      ...(volumeAttributes === undefined ? {} : { volumes: [{ name: "secrets", csi }] }),
    },
  });
  return pod.metadata.uid;
}

/** Makes a SecretProviderClass; gives its uid. */
export async function makeClass(
  cluster: Cluster,
  namespace: string,
  name: string,
  spec: Readonly<Record<string, unknown>>,
): Promise<string> {
  const object = { apiVersion: "secrets-store.csi.x-k8s.io/v1", kind: "SecretProviderClass", metadata: { name }, spec };
  const made = await cluster.admin.create<{ metadata: { uid: string } }>(classesPath(namespace), object);
  return made.metadata.uid;
}

/** A token that the API server makes, for an hour. */
export async function requestToken(cluster: Cluster, options: TokenOptions): Promise<IssuedToken> {
  const { namespace, serviceAccount, audiences = [], pod } = options;
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}/token`;
  const boundObjectRef = pod && { apiVersion: "v1", kind: "Pod", ...pod };
  const made = await cluster.admin.create<{ status: IssuedToken }>(path, {
    spec: { audiences, expirationSeconds: 3_600, ...(boundObjectRef && { boundObjectRef }) },
  });
  return { token: made.status.token, expirationTimestamp: made.status.expirationTimestamp };
}
