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

/** What is written of one mount. These fields and no others: a line is made field by field, not from whatever an object holds. */
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
  /** What a sync to Kubernetes Secrets came to, where there was one. */
  readonly sync?: string | undefined;
}

/** Longest text of one field: names of Kubernetes are shorter, paths of stores seldom longer. */
const longest = 1_024;

/** Most objects that one line names; the rest is counted. */
const mostObjects = 1_000;

/** The fields of an entry as they stand in a line, in their order, without the braces around them. */
export function fieldsOf(entry: AuditEntry): string {
  const { time, dialect, namespace, serviceAccount, pod, secretProviderClass, proved, result, objects, sync } = entry;
  const shown = objects.slice(0, mostObjects).map(({ store, ref, version, answer }) => ({
    ...{ store: cut(store), ref: cut(ref) },
    ...(version === undefined ? {} : { version: cut(version) }),
    answer,
  }));
  const fields = {
    time,
    dialect: cut(dialect),
    namespace: namespace === undefined ? undefined : cut(namespace),
    serviceAccount: serviceAccount === undefined ? undefined : cut(serviceAccount),
    pod: pod === undefined ? undefined : { name: cut(pod.name), uid: cut(pod.uid) },
    secretProviderClass: secretProviderClass === undefined ? undefined : cut(secretProviderClass),
    ...{ proved, result: cut(result), objects: shown },
    moreObjects: objects.length > mostObjects ? objects.length - mostObjects : undefined,
    sync: sync === undefined ? undefined : cut(sync),
  };
  return JSON.stringify(fields).slice(1, -1);
}

function cut(text: string): string {
  return text.length > longest ? `${text.slice(0, longest)}...` : text;
}
