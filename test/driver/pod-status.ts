import { type PublishOptions, targetPath } from "./request.ts";
import type { ObjectVersion } from "./wire.ts";

/** The object that the driver writes to the API server for each mounted volume; no secret may be in it. */
export interface SecretProviderClassPodStatus {
  readonly apiVersion: "secrets-store.csi.x-k8s.io/v1";
  readonly kind: "SecretProviderClassPodStatus";
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly status: {
    readonly mounted: true;
    readonly podName: string;
    readonly secretProviderClassName: string;
    readonly targetPath: string;
    /** In order of their ids. */
    readonly objects: readonly ObjectVersion[];
  };
}

/** The status of a mounted volume. Entries of equal id collapse, the last wins. */
export function podStatus(options: PublishOptions, versions: readonly ObjectVersion[]): SecretProviderClassPodStatus {
  const { pod, secretProviderClass = "secrets" } = options;
  const byId = new Map(versions.map(({ id, version }) => [id, version]));
  const ids = [...byId.keys()].sort();
  return {
    apiVersion: "secrets-store.csi.x-k8s.io/v1",
    kind: "SecretProviderClassPodStatus",
    metadata: { name: `${pod.name}-${pod.namespace}-${secretProviderClass}`, namespace: pod.namespace },
    status: {
      mounted: true,
      podName: pod.name,
      secretProviderClassName: secretProviderClass,
      targetPath: targetPath(options),
      objects: ids.map((id) => ({ id, version: byId.get(id) ?? "" })),
    },
  };
}
