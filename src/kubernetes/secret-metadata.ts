import * as z from "zod";
import { ProviderError } from "../errors.ts";
import type { KubernetesApi } from "./api.ts";

/** Who has fields of an object, besides its labels and annotations. */
interface FieldManager {
  readonly name: string;
  readonly operation: string;
  /** Keys of `data` that it has. */
  readonly dataKeys: ReadonlySet<string>;
  /** It has anything that makes the Secret what it is: data, type, immutable, owners. */
  readonly isMaker: boolean;
}

/** A Secret without its values. */
export interface SecretMetadata {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly annotations: ReadonlyMap<string, string>;
  readonly ownerUids: readonly string[];
  readonly managers: readonly FieldManager[];
}

const fields = z.record(z.string(), z.unknown());
const shape = z.object({
  metadata: z.object({
    uid: z.string().min(1),
    resourceVersion: z.string().min(1),
    annotations: z.unknown(),
    ownerReferences: z.array(z.object({ uid: z.string() })).default([]),
    managedFields: z
      .array(
        z.object({
          manager: z.string().default(""),
          operation: z.string().default(""),
          subresource: z.string().default(""),
          fieldsV1: z.unknown(),
        }),
      )
      .default([]),
  }),
});

/** Where a Secret lies in the API. Both names are checked ones. */
export function secretPath(namespace: string, name: string): string {
  return `/api/v1/namespaces/${namespace}/secrets/${name}`;
}

/** Reads what a Secret says beside its values; undefined where there is none. Throws what the API client throws. */
export async function readSecretMetadata(
  api: KubernetesApi,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<SecretMetadata | undefined> {
  const answer = await api.metadata(secretPath(namespace, name), signal);
  return answer === undefined ? undefined : parseSecretMetadata(answer);
}

/** Throws `LK0012` for what is no metadata of an object. */
function parseSecretMetadata(answer: unknown): SecretMetadata {
  const parsed = shape.safeParse(answer);
  if (!parsed.success) {
    throw new ProviderError("LK0012", "the Kubernetes API's answer is no metadata of a Secret", {
      fix: "check that --kubernetes-api is the API server",
    });
  }
  const { uid, resourceVersion, annotations, ownerReferences, managedFields } = parsed.data.metadata;
  return {
    uid,
    resourceVersion,
    annotations: new Map(
      Object.entries(annotations ?? {}).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
    ),
    ownerUids: ownerReferences.map((owner) => owner.uid),
    managers: managedFields.map(({ manager, operation, fieldsV1 }) => managerOf(manager, operation, fieldsV1)),
  };
}

/** https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management: `f:data` holds `f:` and each key. */
function managerOf(name: string, operation: string, fieldsV1: unknown): FieldManager {
  const own = new Map(Object.entries(fields.safeParse(fieldsV1).data ?? {}));
  const metadata = new Map(Object.entries(fields.safeParse(own.get("f:metadata")).data ?? {}));
  const data = Object.keys(fields.safeParse(own.get("f:data")).data ?? {});
  const isMaker =
    ["f:data", "f:type", "f:immutable"].some((field) => own.has(field)) || metadata.has("f:ownerReferences");
  const dataKeys = new Set(data.flatMap((key) => (key.startsWith("f:") ? [key.slice(2)] : [])));
  return { name, operation, dataKeys, isMaker };
}
