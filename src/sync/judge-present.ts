import { ProviderError } from "../errors.ts";
import type { SecretMetadata } from "../kubernetes/secret-metadata.ts";
import { classKind, type ReadClass } from "../kubernetes/secret-provider-class.ts";
import { quoted } from "../plan/problems.ts";
import type { DesiredSecret } from "./desired-secret.ts";
import { comparable } from "./fold-sources.ts";
import { readNotes } from "./secret-notes.ts";
import type { SourceState } from "./source-state.ts";

/** The field manager of all Secrets that Latchkey writes. */
export const fieldManager = "latchkey";

/** The Secret to write, and for whom. */
export interface SecretWrite {
  readonly desired: DesiredSecret;
  readonly owner: ReadClass;
  readonly serviceAccount: string;
}

/**
 * Decides what to do about a Secret that is there: leave it, because it is as it should be (`unchanged`) or was made of
 * what was fetched later (`older`), or `replace` it. Throws `LK0052` if it is not Latchkey's own, of this
 * SecretProviderClass and service account.
 */
export function judgePresent(
  present: SecretMetadata,
  write: SecretWrite,
  now: number,
): "unchanged" | "older" | "replace" {
  const { desired, owner, serviceAccount } = write;
  checkOwner(present, write);
  const notes = readNotes(present.annotations);
  if (notes.content === desired.digest && hasAllKeys(present, desired)) return "unchanged";
  if (notes.serviceAccount !== undefined && notes.serviceAccount !== serviceAccount) {
    throw foreign(
      desired,
      `pods of the service account ${quoted(notes.serviceAccount)} write it with other content`,
      "give each service account a SecretProviderClass of its own, or delete the Secret to let others write it",
    );
  }
  if (notes.generation > owner.generation) return "older";
  const [own, others] = comparable(desired.sources, notes.sources);
  const told = new Map(others.map((source) => [source.id, source]));
  return own.some((source) => isOlder(source, told.get(source.id), now)) ? "older" : "replace";
}

/** The garbage collector takes what belonged to a deleted class within seconds, in milliseconds. */
const collectedIn = 1_000;

/** Clocks of nodes differ by less than this, in milliseconds; one that is further ahead is wrong. */
const skew = 300_000;

/**
 * Decides whether a source is older than another node's. If that node's time is too far in the future, it counts as a
 * while ago: it keeps out what is stale, but not what was just fetched, which would have to wait until that future has
 * come.
 */
function isOlder({ digest, fetchedAt, oldestAt }: SourceState, other: SourceState | undefined, now: number): boolean {
  if (other === undefined || other.digest === digest) return false;
  const otherAt = other.fetchedAt > now + skew ? now - skew : other.fetchedAt;
  // Of a group nobody knows which source differs: all of it has to be as new as what is there.
  return otherAt > Math.round(oldestAt ?? fetchedAt);
}

/** Somebody may have removed a key, or written over one: then it is not ours any more. */
function hasAllKeys({ managers }: SecretMetadata, { data }: DesiredSecret): boolean {
  const own = managers.find(isOwn)?.dataKeys ?? new Set();
  const wanted = [...data.reveal().keys()];
  return own.size === wanted.length && wanted.every((key) => own.has(key));
}

function isOwn({ name, operation }: SecretMetadata["managers"][number]): boolean {
  return name === fieldManager && operation === "Apply";
}

function checkOwner({ owners, managers }: SecretMetadata, { desired, owner }: SecretWrite): void {
  const fix = `choose another name, or delete it: kubectl delete secret -n ${desired.namespace} ${desired.name}`;
  if (!managers.some(isOwn)) throw foreign(desired, "Latchkey did not make it", fix);
  const others = managers.filter((manager) => manager.isMaker && !isOwn(manager)).map(({ name }) => quoted(name));
  if (others.length > 0) {
    throw foreign(desired, `${others.slice(0, 5).join(", ")} wrote it too, by field manager`, fix);
  }
  const [first, ...rest] = owners;
  if (first?.uid === owner.uid && rest.length === 0) return;
  if (first?.kind === classKind.kind && first.name === owner.name && rest.length === 0) {
    const wait = "wait until Kubernetes has collected it; Latchkey tries again by itself";
    throw foreign(desired, "it belongs to an earlier SecretProviderClass of this name", wait, collectedIn);
  }
  throw foreign(desired, "it belongs to another object", fix);
}

/** `LK0052` for a Secret; with a time in milliseconds for one that may be gone by then. */
export function foreign(
  { namespace, name, spec }: DesiredSecret,
  why: string,
  fix: string,
  retryAfterMs?: number,
): ProviderError {
  const details = { subject: spec.subject, fix, retryAfterMs };
  return new ProviderError("LK0052", `the Secret ${namespace}/${name} is left alone: ${why}`, details);
}
