import { createHash } from "node:crypto";

/** How one secret was answered: from the store, from the cache, from the cache though no longer fresh; or not, by error id. */
export type AuditAnswer = "fetched" | "cached" | "stale" | "denied" | "absent" | "failed" | AuditLease;

/** The fate of a lease, outside any mount. */
type AuditLease = "renewed" | "replaced" | "revoked" | "refused" | "lost";

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
 * The audit entry of one mount, or of what became of a lease later. It has these fields and no others: a line is made field by field, not from whatever an
 * object holds.
 */
export interface AuditEntry {
  /** As in RFC 3339, UTC, with milliseconds. */
  readonly time: string;
  /** Absent where no mount is behind it. */
  readonly dialect?: string;
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

/** Longest text of one field in a line, in bytes: names of Kubernetes are shorter, paths of stores seldom longer. */
const longest = 1_024;

/** Most bytes that the objects of one mount take in its line. */
const mostObjectBytes = 64 * 1024;

/**
 * The text of an entry's line, without the braces around it. `take` gives the bytes that its objects may have of those that
 * they want. Objects beyond that are folded: the line has how many there are and the SHA-256 of the whole list, as it would
 * stand in the line.
 */
export function fieldsOf(entry: AuditEntry, take: (wanted: number) => number): string {
  const { time, dialect, namespace, serviceAccount, pod, secretProviderClass, proved, result, sync } = entry;
  const fields = {
    time,
    dialect: dialect === undefined ? undefined : cut(dialect),
    namespace: namespace === undefined ? undefined : cut(namespace),
    serviceAccount: serviceAccount === undefined ? undefined : cut(serviceAccount),
    pod: pod === undefined ? undefined : { name: cut(pod.name), uid: cut(pod.uid) },
    secretProviderClass: secretProviderClass === undefined ? undefined : cut(secretProviderClass),
    ...{ proved, result: cut(result) },
  };
  const end = sync === undefined ? "" : `,"sync":${JSON.stringify(cut(sync))}`;
  return `${JSON.stringify(fields).slice(1, -1)},"objects":${listOf(entry.objects.map(textOf), take)}${end}`;
}

/** The list as it stands in a line, and behind it what was folded. */
function listOf(texts: readonly string[], take: (wanted: number) => number): string {
  const all = `[${texts.join(",")}]`;
  const room = take(Math.min(Buffer.byteLength(all), mostObjectBytes));
  if (Buffer.byteLength(all) <= room) return all;
  const shown: string[] = [];
  let bytes = 2;
  for (const text of texts) {
    bytes += Buffer.byteLength(text) + 1;
    if (bytes > room) break;
    shown.push(text);
  }
  const sha256 = createHash("sha256").update(all).digest("hex");
  return `[${shown.join(",")}],"folded":{"objects":${texts.length},"sha256":"${sha256}"}`;
}

/** One object as it stands in a line: its names are written once, for the line and for the digest. */
function textOf({ store, ref, version, answer }: AuditObject): string {
  return JSON.stringify({
    ...{ store: cut(store), ref: cut(ref) },
    ...(version === undefined ? {} : { version: cut(version) }),
    answer,
  });
}

/** Longest that JSON writes one unit of a text, as in `\u0001`, in bytes. */
const longestUnit = 6;

/** Cuts by the bytes that a text takes in a line. The digest tells which of those that begin alike it was. */
function cut(text: string): string {
  if (text.length * longestUnit <= longest || (text.length <= longest && bytesInLine(text) <= longest)) return text;
  return `${text.slice(0, fitting(text))}...sha256:${createHash("sha256").update(text).digest("hex")}`;
}

/** Returns how many units of a text fit, found by halves: a mount may have thousands of long names. */
function fitting(text: string): number {
  let [fits, most] = [0, Math.min(text.length, longest)];
  while (fits < most) {
    const middle = Math.ceil((fits + most) / 2);
    if (bytesInLine(text.slice(0, middle)) <= longest) fits = middle;
    else most = middle - 1;
  }
  // Half of a pair is no character.
  return /[\ud800-\udbff]/.test(text.charAt(fits - 1)) ? fits - 1 : fits;
}

function bytesInLine(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - 2;
}
