import * as z from "zod";
import { ProviderError } from "../errors.ts";
import type { KubernetesApi } from "./api.ts";
import { textMap } from "./text-map.ts";

const pod = z.object({ spec: z.object({ nodeName: z.string().min(1) }) });
const node = z.object({ metadata: z.object({ labels: textMap }) });

/** The node that a pod runs on; `fix` is the fix if it is not told. Throws what the API client throws, `LK0014` if there is no such pod. */
export async function readNodeName(
  api: KubernetesApi,
  { namespace, name, fix }: { readonly namespace: string; readonly name: string; readonly fix: string },
  signal: AbortSignal,
): Promise<string> {
  const parsed = pod.safeParse(await api.get(`/api/v1/namespaces/${namespace}/pods/${name}`, signal));
  if (parsed.success) return parsed.data.spec.nodeName;
  throw new ProviderError("LK0014", `the Kubernetes API has no node for the pod ${namespace}/${name}`, {
    fix: `${fix} or --node-name`,
  });
}

/** The label of a node; `fix` is the fix if there is none. Throws what the API client throws, `LK0014` without the label. */
export async function readNodeLabel(
  api: KubernetesApi,
  { node: name, label, fix }: { readonly node: string; readonly label: string; readonly fix: string },
  signal: AbortSignal,
): Promise<string> {
  const parsed = node.safeParse(await api.get(`/api/v1/nodes/${encodeURIComponent(name)}`, signal));
  const value = parsed.success ? parsed.data.metadata.labels.get(label) : undefined;
  if (value !== undefined && value !== "") return value;
  throw new ProviderError("LK0014", `the node ${name} has no label ${label}`, { fix });
}
