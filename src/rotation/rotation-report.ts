import type { PodStatus } from "./pod-status.ts";

/** One pod that does not hold the newest version. */
interface BehindPod {
  readonly pod: string;
  readonly node: string | undefined;
  readonly version: string;
  /** Since when the newest version is there for others. */
  readonly since: string | undefined;
}

/** One version of an object, and who holds it. */
interface HeldVersion {
  readonly version: string;
  readonly pods: number;
  /** The first and the last pod that took it, as far as it is known. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly newest: boolean;
}

/** One object of a SecretProviderClass: which versions of it pods hold. */
export interface ObjectRotation {
  readonly namespace: string;
  readonly secretProviderClass: string;
  readonly object: string;
  readonly pods: number;
  readonly versions: readonly HeldVersion[];
  readonly behind: readonly BehindPod[];
  readonly safeToRetire: boolean;
  /** The reason if it is not safe. */
  readonly because?: "several-versions" | "old-version" | undefined;
}

/** Everything that statuses tell of rotations. */
export interface RotationReport {
  readonly statuses: number;
  /** Items of the list that are no such status. */
  readonly skipped: number;
  readonly objects: readonly ObjectRotation[];
  /** Whether they were compared with an earlier listing: only that tells a new version from one that nobody has replaced yet. */
  readonly compared: boolean;
  readonly safeToRetire: boolean;
}

interface Holder {
  readonly pod: string;
  readonly node: string | undefined;
  /** When it took the version; undefined where only its creation is known. */
  readonly at: number | undefined;
}

interface Seen {
  readonly namespace: string;
  readonly secretProviderClass: string;
  readonly object: string;
  readonly holders: Map<string, Holder[]>;
}

/** Gathers statuses, one by one, and says what they come to. */
export class RotationStatuses {
  readonly #seen = new Map<string, Seen>();
  #statuses = 0;
  #skipped = 0;

  /** Counts an item that is no status. */
  skip(): void {
    this.#skipped += 1;
  }

  add({ namespace, secretProviderClass, pod, node, objects, changedAt }: PodStatus): void {
    this.#statuses += 1;
    for (const { id, version } of objects) {
      const key = JSON.stringify([namespace, secretProviderClass, id]);
      const seen = this.#seen.get(key) ?? { namespace, secretProviderClass, object: id, holders: new Map() };
      this.#seen.set(key, seen);
      const holders = seen.holders.get(version) ?? [];
      seen.holders.set(version, holders);
      holders.push({ pod, node, at: changedAt });
    }
  }

  /** `before`: statuses from before the rotation. The versions that were held then are old. */
  report(before?: RotationStatuses): RotationReport {
    const sorted = [...this.#seen].sort(([a], [b]) => (a < b ? -1 : 1));
    const objects = sorted.map(([key, seen]) => judge(seen, before?.versionsOf(key)));
    const safeToRetire = objects.length > 0 && objects.every((each) => each.safeToRetire);
    return { statuses: this.#statuses, skipped: this.#skipped, objects, compared: before !== undefined, safeToRetire };
  }

  /** The versions of an object that pods hold, by its key. */
  versionsOf(key: string): ReadonlySet<string> {
    return new Set(this.#seen.get(key)?.holders.keys());
  }
}

function judge({ holders, ...about }: Seen, old: ReadonlySet<string> = new Set()): ObjectRotation {
  const isOnlyOld = [...holders.keys()].every((version) => old.has(version));
  const newest = isOnlyOld && old.size > 0 ? undefined : newestOf(holders, old);
  const versions = [...holders].map(([version, all]) => versionOf(version, all, version === newest));
  const since = timeOf(newest === undefined ? undefined : firstOf(holders.get(newest) ?? []));
  const behind = [...holders]
    .filter(([version]) => version !== newest && (newest !== undefined || old.has(version)))
    .flatMap(([version, all]) => all.map(({ pod, node }) => ({ pod, node, version, since })));
  const because = [...holders.keys()].some((version) => old.has(version))
    ? "old-version"
    : holders.size > 1
      ? "several-versions"
      : undefined;
  return {
    ...about,
    pods: versions.reduce((sum, { pods }) => sum + pods, 0),
    versions: versions.sort((a, b) => Number(b.newest) - Number(a.newest) || b.pods - a.pods),
    behind: behind.sort((a, b) => (a.pod < b.pod ? -1 : 1)),
    safeToRetire: because === undefined,
    ...(because === undefined ? {} : { because }),
  };
}

/** The version that the first pod took last: an older one has been there for longer. Undefined if that is not known. */
function newestOf(all: ReadonlyMap<string, readonly Holder[]>, old: ReadonlySet<string>): string | undefined {
  const candidates = [...all].filter(([version]) => !old.has(version));
  if (candidates.length === 1) return candidates[0]?.[0];
  let newest: { readonly version: string; readonly at: number } | undefined;
  for (const [version, holders] of candidates) {
    const at = firstOf(holders);
    if (at === undefined) return undefined;
    if (newest === undefined || at > newest.at) newest = { version, at };
  }
  return newest?.version;
}

/** The first time that a pod took it; undefined where one pod's is not known. */
function firstOf(holders: readonly Holder[]): number | undefined {
  let first = Number.POSITIVE_INFINITY;
  for (const { at } of holders) {
    if (at === undefined) return undefined;
    first = Math.min(first, at);
  }
  return first;
}

function versionOf(version: string, holders: readonly Holder[], newest: boolean): HeldVersion {
  const times = holders.flatMap(({ at }) => (at === undefined ? [] : [at])).sort((a, b) => a - b);
  return { version, pods: holders.length, from: timeOf(times[0]), to: timeOf(times.at(-1)), newest };
}

function timeOf(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}
