import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { startChild } from "../servers/child.ts";
import { freePort } from "../servers/free-port.ts";
import { type Cluster, writeKubeConfig } from "./cluster.ts";
import { connectCsiNode, type PublishRequest } from "./csi-client.ts";
import { makePod, type PodOptions, requestToken } from "./objects.ts";
import { ensureCsiDriver } from "./programs.ts";

/** A pod whose volume is published; what is left out is filled in for a usual one. */
export interface PodVolume {
  readonly namespace: string;
  readonly name: string;
  readonly serviceAccount: string;
  /** `secretProviderClass` of the volume's attributes. */
  readonly secretProviderClass: string;
  /** The other `volumeAttributes`. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** A volume as the pod sees it. */
export interface Volume {
  readonly target: string;
  readonly uid: string;
}

/** A pod's status of its volume, as the driver reports it. */
export interface PodStatus {
  readonly mounted: boolean;
  readonly secretProviderClassName: string;
  readonly objects?: readonly { readonly id: string; readonly version: string }[];
}

/**
 * The node of a cluster without containers: the real driver, with the kubelet played towards it by what a kubelet asks of the
 * API server, pods and bound tokens.
 */
export interface Kubelet {
  /** Below it lie the pods' volumes. */
  readonly directory: string;
  /** The driver's providers have their sockets here. */
  readonly socketDir: string;
  /** Makes the pod where it is new, and publishes its volume, with fresh tokens each time. Throws the driver's gRPC error. */
  publish(pod: PodVolume): Promise<Volume>;
  /** The SecretProviderClassPodStatus of a pod. */
  status(pod: PodVolume): Promise<PodStatus | undefined>;
  stop(): Promise<void>;
}

const driverAccount = { namespace: "kube-system", serviceAccount: "secrets-store-csi-driver" };

/**
 * Has the CSIDriver ask for tokens for the audiences, and starts the driver, with rotation at every
 * publish, as its service account. Needs the right to mount a tmpfs.
 */
export async function startKubelet(cluster: Cluster, audiences: readonly string[]): Promise<Kubelet> {
  const { program } = await ensureCsiDriver();
  await cluster.admin.patch("/apis/storage.k8s.io/v1/csidrivers/secrets-store.csi.k8s.io", {
    spec: { tokenRequests: audiences.map((audience) => ({ audience })) },
  });
  const { token } = await requestToken(cluster, driverAccount);
  const config = await writeKubeConfig(cluster.directory, "driver", { ...cluster, token });
  const [directory, socketDir] = [join(cluster.directory, "kubelet"), join(cluster.directory, "s")];
  const socket = join(cluster.directory, "csi.sock");
  for (const each of [directory, socketDir]) await mkdir(each, { recursive: true });
  const child = await startChild({
    name: "secrets-store-csi-driver",
    command: program,
    args: [
      ...[`--kubeconfig=${config}`, `--endpoint=unix://${socket}`, "--nodeid=node-1"],
      ...[`--provider-volume=${socketDir}`, `--additional-provider-volume-paths=${socketDir}`],
      ...[`--metrics-addr=127.0.0.1:${await freePort()}`],
      ...["--enable-secret-rotation=true", "--rotation-poll-interval=0s"],
    ],
    ready: /Listening for connections/,
  });
  const node = connectCsiNode(socket);
  const pods = new Map<string, { readonly uid: string; readonly request: PublishRequest }>();
  const keyOf = ({ namespace, name }: PodVolume) => `${namespace}/${name}`;
  return {
    ...{ directory, socketDir },
    publish: async (pod) => {
      const uid = pods.get(keyOf(pod))?.uid ?? (await makePod(cluster, withVolume(pod)));
      const target = join(directory, "pods", uid, "volumes/kubernetes.io~csi/secrets/mount");
      const request = {
        volume_id: uid,
        target_path: target,
        volume_context: await contextOf(cluster, pod, uid, audiences),
      };
      pods.set(keyOf(pod), { uid, request });
      await node.publish(request);
      return { target, uid };
    },
    status: (pod) => readStatus(cluster, pod),
    stop: async () => {
      for (const { request } of pods.values()) await node.unpublish(request);
      node.close();
      await child.stop();
    },
  };
}

function withVolume({ attributes, secretProviderClass, ...pod }: PodVolume): PodOptions {
  return { ...pod, volumeAttributes: { ...attributes, secretProviderClass } };
}

/** As the kubelet fills it in for a driver with `podInfoOnMount` and `tokenRequests`. */
async function contextOf(
  cluster: Cluster,
  pod: PodVolume,
  uid: string,
  audiences: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const { namespace, name, serviceAccount, secretProviderClass, attributes } = pod;
  const granted = audiences.map(async (audience) => {
    const bound = { namespace, serviceAccount, audiences: [audience], pod: { name, uid } };
    return [audience, await requestToken(cluster, bound)] as const;
  });
  const tokens = Object.fromEntries(await Promise.all(granted));
  return {
    ...attributes,
    secretProviderClass,
    "csi.storage.k8s.io/pod.name": name,
    "csi.storage.k8s.io/pod.namespace": namespace,
    "csi.storage.k8s.io/pod.uid": uid,
    "csi.storage.k8s.io/serviceAccount.name": serviceAccount,
    "csi.storage.k8s.io/ephemeral": "true",
    ...(audiences.length === 0 ? {} : { "csi.storage.k8s.io/serviceAccount.tokens": JSON.stringify(tokens) }),
  };
}

async function readStatus(cluster: Cluster, pod: PodVolume): Promise<PodStatus | undefined> {
  const { namespace, name, secretProviderClass } = pod;
  const path = `/apis/secrets-store.csi.x-k8s.io/v1/namespaces/${namespace}/secretproviderclasspodstatuses`;
  const found = await cluster.admin.get<{ status: PodStatus }>(`${path}/${name}-${namespace}-${secretProviderClass}`);
  return found?.status;
}
