import * as z from "zod";

/** The fields of a SecretProviderClassPodStatus that count here (https://secrets-store-csi-driver.sigs.k8s.io/concepts#custom-resource-definitions-crds). */
const schema = z.object({
  kind: z.literal("SecretProviderClassPodStatus"),
  metadata: z.object({
    namespace: z.string(),
    labels: z.record(z.string(), z.string()).optional(),
    managedFields: z.array(z.object({ time: z.iso.datetime({ offset: true }).optional() })).optional(),
  }),
  status: z.object({
    podName: z.string(),
    secretProviderClassName: z.string(),
    objects: z.array(z.object({ id: z.string(), version: z.string() })).default([]),
  }),
});

/** The versions that one pod holds of one SecretProviderClass. */
export interface PodStatus {
  readonly namespace: string;
  readonly secretProviderClass: string;
  readonly pod: string;
  readonly node: string | undefined;
  readonly objects: readonly { readonly id: string; readonly version: string }[];
  /**
   * When the driver changed it last, in milliseconds since the epoch: each object of it has its version since then at the latest.
   * Undefined where the managed fields were left out.
   */
  readonly changedAt: number | undefined;
}

/** Label of the driver's with the name of the pod's node. */
const nodeLabel = "internal.secrets-store.csi.k8s.io/node-name";

/** Reads an item of a list; undefined for any other kind of object, or for one without what counts. */
export function readPodStatus(item: unknown): PodStatus | undefined {
  const { success, data } = schema.safeParse(item);
  if (!success) return undefined;
  const { namespace, labels, managedFields } = data.metadata;
  const times = (managedFields ?? []).flatMap(({ time }) => (time === undefined ? [] : [Date.parse(time)]));
  return {
    ...{ namespace, pod: data.status.podName, secretProviderClass: data.status.secretProviderClassName },
    node: labels?.[nodeLabel],
    objects: data.status.objects,
    changedAt: times.length === 0 ? undefined : Math.max(...times),
  };
}
