import * as z from "zod";
import { ProviderError } from "../errors.ts";
import type { KubernetesApi } from "./api.ts";

/** What Latchkey reads of a SecretProviderClass. */
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
  metadata: z.object({ uid: z.string().min(1), resourceVersion: z.string().min(1), generation: z.number().default(0) }),
  spec: z.object({ provider: z.string().default(""), parameters: z.unknown() }),
});

const text = z.string();

/**
 * Reads one SecretProviderClass; undefined where there is none. The name is the pod author's word: what is no name is none
 * of an object. Throws what the API client throws, and `LK0012` for an answer that is no SecretProviderClass.
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
  if (!parsed.success) {
    throw new ProviderError(
      "LK0012",
      `the Kubernetes API's answer for ${namespace}/${name} is no SecretProviderClass`,
      {
        fix: "check that --kubernetes-api is the API server",
      },
    );
  }
  const { metadata, spec } = parsed.data;
  const entries = Object.entries(spec.parameters ?? {}).filter(
    (entry): entry is [string, string] => text.safeParse(entry[1]).success,
  );
  return { name, ...metadata, provider: spec.provider, parameters: new Map(entries) };
}
