import { createHash } from "node:crypto";

/** How one secret was answered: from the store, from the cache, from the cache though no longer fresh; or not, by error id. */
export type AuditAnswer = "fetched" | "cached" | "stale" | "denied" | "absent" | "failed";

/** One secret of a mount; where it lies, never what it holds. */
export interface AuditObject {
  readonly store: string;
  /** In the store's own words. */
  readonly ref: string;
  /** The store's own version, where it has one. */
  readonly version?: string;
  readonly answer: AuditAnswer;
}

/**
 * The audit entry of one mount. It has these fields and no others: a line is made field by field, not from whatever an
 * object holds.
 */
export interface AuditEntry {
  /** As in RFC 3339, UTC, with milliseconds. */
  readonly time: string;
  readonly dialect: string;
  readonly namespace?: string | undefined;
  readonly serviceAccount?: string | undefined;
  readonly pod?: { readonly name: string; readonly uid: string } | undefined;
  readonly secretProviderClass?: string | undefined;
  /** Whether the pod's token verified; absent where the mount did not get so far. */
  readonly proved?: boolean | undefined;
  /** `ok`, or the id of the error. */
  readonly result: string;
  readonly objects: readonly AuditObject[];
  /** The sync to Kubernetes Secrets so far, if there was one; `offered` if the line had to come before it. */
  readonly sync?: string | undefined;
}

/** Longest text of one field: names of Kubernetes are shorter, paths of stores seldom longer. */
const longest = 1_024;

/** Most objects of one line: it stays short enough to be read back, whatever names hold. */
const mostObjects = 256;

/** The texts of an entry's lines, without the braces around them: one, or where there are many objects one for each so many. */
export function fieldsOf(entry: AuditEntry): readonly string[] {
  const count = Math.max(1, Math.ceil(entry.objects.length / mostObjects));
  return Array.from({ length: count }, (_, at) => {
    const objects = entry.objects.slice(at * mostObjects, (at + 1) * mostObjects);
    return textOf({ ...entry, objects }, count === 1 ? undefined : `${at + 1}/${count}`);
  });
}

/** The fields as they stand in a line, in their order. */
function textOf(entry: AuditEntry, part: string | undefined): string {
  const { time, dialect, namespace, serviceAccount, pod, secretProviderClass, proved, result, objects, sync } = entry;
  const fields = {
    time,
    dialect: cut(dialect),
    namespace: namespace === undefined ? undefined : cut(namespace),
    serviceAccount: serviceAccount === undefined ? undefined : cut(serviceAccount),
    pod: pod === undefined ? undefined : { name: cut(pod.name), uid: cut(pod.uid) },
    secretProviderClass: secretProviderClass === undefined ? undefined : cut(secretProviderClass),
    ...{ proved, result: cut(result), part },
    objects: objects.map(({ store, ref, version, answer }) => ({
      ...{ store: cut(store), ref: cut(ref) },
      ...(version === undefined ? {} : { version: cut(version) }),
      answer,
    })),
    sync: sync === undefined ? undefined : cut(sync),
  };
  return JSON.stringify(fields).slice(1, -1);
}

/** The digest tells which of those that begin alike it was. */
function cut(text: string): string {
  if (text.length <= longest) return text;
  return `${text.slice(0, longest)}...sha256:${createHash("sha256").update(text).digest("hex")}`;
}
