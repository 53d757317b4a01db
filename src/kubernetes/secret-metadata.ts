import * as z from "zod";
import type { KubernetesApi } from "./api.ts";
import { textMap } from "./text-map.ts";
import { unreadable } from "./unreadable.ts";

/** Who has fields of an object, besides its labels and annotations. */
interface FieldManager {
  readonly name: string;
  readonly operation: string;
  /** Keys of `data` that it has. */
  readonly dataKeys: ReadonlySet<string>;
  /** It has anything that makes the Secret what it is: data, type, immutable, owners. */
  readonly isMaker: boolean;
}

/** An owner of an object. */
interface ObjectOwner {
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

/** A Secret without its values. */
export interface SecretMetadata {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly annotations: ReadonlyMap<string, string>;
  readonly owners: readonly ObjectOwner[];
  readonly managers: readonly FieldManager[];
}

const fields = z.record(z.string(), z.unknown());

/** The API leaves out what is empty. */
const text = z.string().nullish();

const shape = z.object({
  metadata: z.object({
    uid: z.string().min(1),
    resourceVersion: z.string().min(1),
    annotations: textMap,
    ownerReferences: z.array(z.object({ kind: text, name: text, uid: z.string() })).nullish(),
    managedFields: z.array(z.object({ manager: text, operation: text, fieldsV1: z.unknown().optional() })).nullish(),
  }),
});

/** Where a Secret lies in the API. Both names are checked ones. */
export function secretPath(namespace: string, name: string): string {
  return `/api/v1/namespaces/${namespace}/secrets/${name}`;
}

/** Reads what a Secret says beside its values; undefined if there is none. Throws what the API client throws, `LK0018` for anything else. */
export async function readSecretMetadata(
  api: KubernetesApi,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<SecretMetadata | undefined> {
  const answer = await api.metadata(secretPath(namespace, name), signal);
  if (answer === undefined) return undefined;
  const parsed = shape.safeParse(answer);
  if (!parsed.success) throw unreadable(`the Secret ${namespace}/${name}`, "Secret");
  const { uid, resourceVersion, annotations, ownerReferences, managedFields } = parsed.data.metadata;
  return {
    uid,
    resourceVersion,
    annotations,
    owners: (ownerReferences ?? []).map((owner) => ({
      kind: owner.kind ?? "",
      name: owner.name ?? "",
      uid: owner.uid,
    })),
    managers: (managedFields ?? []).map((each) => managerOf(each.manager ?? "", each.operation ?? "", each.fieldsV1)),
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
