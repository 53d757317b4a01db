import type { About, Entry } from "./entries.ts";
import { type SpreadRules, windowOf } from "./spread.ts";

/** The result of a load. */
export interface Loaded<V> {
  readonly value: V;
  /** Its size when kept, in bytes. */
  readonly bytes: number;
  /** The answer can never change (a pinned version). */
  readonly immutable: boolean;
  /** The store made it for this asker alone. */
  readonly issued: boolean;
  /** It hangs on the pod that asked; what is issued does in any case. */
  readonly forPod?: boolean | undefined;
  /** From then on it is worthless, in milliseconds since the epoch. */
  readonly expiresAt?: number | undefined;
  /** Until then it is served without asking, by `Clock.now`, if whoever loads it knows better than the rules here. */
  readonly freshUntil?: number | undefined;
}

/** How old a served value may be, in milliseconds, and how a newer one reaches volumes that are mounted already. */
export interface Bounds extends SpreadRules {
  readonly refresh: number;
  readonly maxStale: number;
  /** Values fetched earlier than this (since the epoch) are fetched again. */
  readonly notBefore?: number | undefined;
}

/** A pinned version is asked for again only to learn of its denial or deletion. */
const leastForImmutable = 3_600_000;

/** Nodes do not refresh in step. */
const jitterShare = 0.1;

/** An issued answer is used for so much of its life at most; a tenth less at least, so that pods do not change in step. */
const issuedShare = 2 / 3;

/** The parts that an entry is made from. Times as in `Clock`; `jitter` from 0 to 1. */
export interface EntryParts<V> {
  readonly key: string;
  readonly about: About;
  readonly loaded: Loaded<V>;
  readonly bounds: Bounds;
  readonly now: number;
  readonly wall: number;
  readonly jitter: number;
  readonly same: (a: V, b: V) => boolean;
  readonly before: Entry<V> | undefined;
}

/** The entry of an answer that has just come. */
export function makeEntry<V>(parts: EntryParts<V>): Entry<V> {
  const { key, about, loaded, now, wall } = parts;
  const { value, immutable, issued } = loaded;
  const expiresAt = loaded.expiresAt === undefined ? undefined : now + loaded.expiresAt - wall;
  const held = heldValue(parts);
  const until = { freshUntil: freshUntil(parts, expiresAt), expiresAt, held };
  const bytes = loaded.bytes + (held === undefined ? 0 : (parts.before?.bytes ?? 0));
  return { key, about, value, bytes, immutable, issued, fetchedAt: now, fetchedWall: wall, ...until };
}

function freshUntil<V>({ loaded, bounds, now, jitter }: EntryParts<V>, expiresAt: number | undefined): number {
  if (loaded.freshUntil !== undefined) return loaded.freshUntil;
  if (loaded.issued && expiresAt !== undefined) {
    return now + (expiresAt - now) * issuedShare * (1 - jitter * jitterShare);
  }
  const refresh = loaded.immutable ? Math.max(bounds.refresh, leastForImmutable) : bounds.refresh;
  return now + refresh * (1 + (jitter * 2 - 1) * jitterShare);
}

/** A version that changes while an older change is still held back does not restart the window. */
function heldValue<V>({ loaded, bounds, now, same, before }: EntryParts<V>): Entry<V>["held"] {
  if (before === undefined || windowOf(bounds) === 0 || loaded.issued) return undefined;
  if (before.fetchedWall < (bounds.notBefore ?? 0)) return undefined;
  if (before.held !== undefined && now < before.held.until) return before.held;
  if (same(before.value, loaded.value)) return undefined;
  return {
    ...{ value: before.value, fetchedAt: before.fetchedAt },
    since: now,
    until: Math.min(now + windowOf(bounds), before.expiresAt ?? Number.POSITIVE_INFINITY),
  };
}

/** The bounds as they are at a time since the epoch: a `notBefore` that is still to come says nothing yet. */
export function boundsAt(bounds: Bounds, wall: number): Bounds {
  return (bounds.notBefore ?? 0) > wall ? { ...bounds, notBefore: undefined } : bounds;
}

/** Whether an entry is served without asking the store. */
export function isFresh<V>(entry: Entry<V>, { refresh, notBefore = 0 }: Bounds, now: number): boolean {
  if (now >= entry.freshUntil || entry.fetchedWall < notBefore) return false;
  // Somebody else may have fetched it under a longer `refresh`.
  if (entry.immutable || entry.issued || entry.pending !== undefined) return true;
  return now - entry.fetchedAt < refresh * (1 + jitterShare);
}

/** Whether an entry may be served at all: fresh, or stale within bounds, and never past its own end. */
export function isServable<V>(entry: Entry<V>, bounds: Bounds, now: number): boolean {
  if (entry.expiresAt !== undefined && now >= entry.expiresAt) return false;
  return isFresh(entry, bounds, now) || now - entry.fetchedAt < bounds.maxStale;
}
