import * as z from "zod";
import type { KubernetesApi } from "./api.ts";
import { textMap } from "./text-map.ts";
import { unreadable } from "./unreadable.ts";

const shape = z.object({ metadata: z.object({ annotations: textMap }) });

/** The parts of a service account that Latchkey reads. */
export interface ServiceAccount {
  readonly annotations: ReadonlyMap<string, string>;
}

/**
 * Reads one service account; undefined if there is none. Names are those of the kubelet, so legal in a path.
 * Throws what the API client throws, and `LK0018` for an answer that is not a service account.
 */
export async function readServiceAccount(
  api: KubernetesApi,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<ServiceAccount | undefined> {
  const answer = await api.get(`/api/v1/namespaces/${namespace}/serviceaccounts/${name}`, signal);
  if (answer === undefined) return undefined;
  const parsed = shape.safeParse(answer);
  if (parsed.success) return parsed.data.metadata;
  throw unreadable(`${namespace}/${name}`, "service account");
}
