import * as z from "zod";
import type { KubernetesApi } from "./api.ts";
import { unreadable } from "./unreadable.ts";

const shape = z.object({
  metadata: z.object({ uid: z.string() }),
  status: z.object({ phase: z.string().optional() }).optional(),
});

/** Phases in which no container of a pod runs any more (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-phase). */
const ended: ReadonlySet<string | undefined> = new Set(["Succeeded", "Failed"]);

/** Names one pod among all of its name. */
export interface NamedPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/**
 * Whether a pod still runs, or may: a pod that is being deleted does, until it is gone. Throws what the API client throws, and
 * `LK0018` for an answer that is not a pod.
 */
export async function isPodThere(api: KubernetesApi, { namespace, name, uid }: NamedPod, signal: AbortSignal) {
  const answer = await api.get(`/api/v1/namespaces/${namespace}/pods/${name}`, signal);
  if (answer === undefined) return false;
  const parsed = shape.safeParse(answer);
  if (!parsed.success) throw unreadable(`${namespace}/${name}`, "pod");
  return parsed.data.metadata.uid === uid && !ended.has(parsed.data.status?.phase);
}
