import * as z from "zod";
import type { KubernetesApi } from "./api.ts";
import { textMap } from "./text-map.ts";
import { unreadable } from "./unreadable.ts";

/** The parts of a SecretProviderClass that Latchkey reads. */
export interface ReadClass {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** Counts the changes of its `spec`. */
  readonly generation: number;
  readonly provider: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** The kind of a SecretProviderClass, for those that belong to one. */
export const classKind = { apiVersion: "secrets-store.csi.x-k8s.io/v1", kind: "SecretProviderClass" } as const;

const shape = z.object({
  metadata: z.object({ uid: z.string().min(1), resourceVersion: z.string().min(1), generation: z.number().nullish() }),
  // The API leaves out what is empty, and lets even `spec` be absent.
  spec: z.object({ provider: z.string().nullish(), parameters: textMap }).nullish(),
});

/**
 * Reads one SecretProviderClass; undefined if there is none. The pod author wrote the name: no object has one that Kubernetes
 * does not allow. Throws what the API client throws, and `LK0018` for an answer that is not a SecretProviderClass.
 */
export async function readSecretProviderClass(
  api: KubernetesApi,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<ReadClass | undefined> {
  if (!/^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/.test(name) || name.includes("..")) return undefined;
  const path = `/apis/${classKind.apiVersion}/namespaces/${namespace}/secretproviderclasses/${name}`;
  const answer = await api.get(path, signal);
  if (answer === undefined) return undefined;
  const parsed = shape.safeParse(answer);
  if (!parsed.success) throw unreadable(`${namespace}/${name}`, "SecretProviderClass");
  const { metadata, spec } = parsed.data;
  const { uid, resourceVersion, generation } = metadata;
  const { provider, parameters } = spec ?? {};
  const known = { provider: provider ?? "", parameters: parameters ?? new Map() };
  return { name, uid, resourceVersion, generation: generation ?? 0, ...known };
}
