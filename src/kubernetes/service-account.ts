import * as z from "zod";
import { ProviderError } from "../errors.ts";
import type { KubernetesApi } from "./api.ts";

const shape = z.object({ metadata: z.object({ annotations: z.record(z.string(), z.string()).optional() }) });

/** What Latchkey reads of a service account. */
export interface ServiceAccount {
  readonly annotations: ReadonlyMap<string, string>;
}

/**
 * Reads one service account; undefined where there is none. Names are those of the kubelet, so legal in a path.
 * Throws what the API client throws, and `LK0012` for an answer that is no service account.
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
  if (parsed.success) return { annotations: new Map(Object.entries(parsed.data.metadata.annotations ?? {})) };
  throw new ProviderError("LK0012", `the Kubernetes API's answer for ${namespace}/${name} is no service account`, {
    fix: "check that --kubernetes-api is the API server",
  });
}
