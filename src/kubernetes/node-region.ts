import * as z from "zod";
import { ProviderError } from "../errors.ts";
import type { KubernetesApi } from "./api.ts";
import { textMap } from "./text-map.ts";

/** Where a cloud says in which region a node is (https://kubernetes.io/docs/reference/labels-annotations-taints/#topologykubernetesioregion). */
export const nodeRegionLabel = "topology.kubernetes.io/region";

const pod = z.object({ spec: z.object({ nodeName: z.string().min(1) }) });
const node = z.object({ metadata: z.object({ labels: textMap }) });

/** The node that a pod runs on. Throws what the API client throws, `LK0014` if there is no such pod. */
export async function readNodeName(
  api: KubernetesApi,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<string> {
  const parsed = pod.safeParse(await api.get(`/api/v1/namespaces/${namespace}/pods/${name}`, signal));
  if (parsed.success) return parsed.data.spec.nodeName;
  throw new ProviderError("LK0014", `the Kubernetes API knows no node of the pod ${namespace}/${name}`, {
    fix: "set `region` in the SecretProviderClass, or start Latchkey with --aws-region or --node-name",
  });
}

/** The region of a node, by its label. Throws what the API client throws, `LK0014` without the label. */
export async function readNodeRegion(api: KubernetesApi, name: string, signal: AbortSignal): Promise<string> {
  const parsed = node.safeParse(await api.get(`/api/v1/nodes/${encodeURIComponent(name)}`, signal));
  const region = parsed.success ? parsed.data.metadata.labels.get(nodeRegionLabel) : undefined;
  if (region !== undefined && region !== "") return region;
  throw new ProviderError("LK0014", `region not found: the node ${name} has no label ${nodeRegionLabel}`, {
    fix: "set `region` in the SecretProviderClass, or start Latchkey with --aws-region",
  });
}
