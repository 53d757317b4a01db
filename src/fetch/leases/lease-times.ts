import type { SlotWindow } from "./slots.ts";

/** When an issued answer came, how long it lasts, and what is known of its longest life. By `Clock.now`, in milliseconds. */
export interface LeaseSpan {
  readonly issuedAt: number;
  readonly endsAt: number;
  /** The life that the store gave it at first. */
  readonly life: number;
  /** No renewal makes it last longer than that; undefined until a renewal has shown it. */
  readonly mostEndsAt?: number | undefined;
}

/** Renewed at this share of its life at the latest, so that a third is left to try again or to ask for another. */
const renewShare = 2 / 3;

/** A renewal comes a tenth earlier at most, so that pods do not renew in step. */
const jitterShare = 0.1;

/** A renewal that gives less than this share of the first life has come near the longest life. */
const leastShare = 0.5;

/** Returns when to renew; `draw` from 0 to 1. */
export function renewAt({ endsAt, life }: LeaseSpan, now: number, draw: number): number {
  const left = Math.max(0, Math.min(endsAt - now, life));
  return now + left * renewShare * (1 - draw * jitterShare);
}

/** Whether a renewal that ends at `endsAt` was the last one that was worth it. */
export function isLast({ life }: LeaseSpan, endsAt: number, now: number): boolean {
  return endsAt - now < life * leastShare;
}

/** Whether it is known that no renewal makes it last much longer than it does. */
export function isLimited({ endsAt, life, mostEndsAt }: LeaseSpan): boolean {
  return mostEndsAt !== undefined && mostEndsAt < endsAt + life * renewShare;
}

/** Until when the answer is served while renewals work: a third of its life before its end, the next mount asks for another. */
export function freshUntil({ endsAt, life }: LeaseSpan): number {
  return endsAt - life * (1 - renewShare);
}

/** In the first half of its greatest life no answer is replaced, however many pods change at that time. */
const leastUse = 0.5;

/**
 * The time in which another answer takes its place, while this one is still good for a third of its life: within `spread`, or
 * as late as other pods leave it.
 */
export function replacementWindow(
  { issuedAt, endsAt, life, mostEndsAt = endsAt }: LeaseSpan,
  now: number,
  spread: number,
): SlotWindow {
  const to = Math.max(now, mostEndsAt - life * (1 - renewShare));
  const earliest = issuedAt + (mostEndsAt - issuedAt) * leastUse;
  const from = spread > 0 ? to - spread : earliest;
  return { from: Math.min(to, Math.max(now, from)), to, even: spread > 0 };
}

/** So many times a renewal that failed is tried in what is left, at least a second and at most half a minute apart. */
const triesLeft = 8;

/** Returns when to try again; `draw` from 0 to 1. */
export function retryAt({ endsAt }: LeaseSpan, now: number, draw: number): number {
  const pause = Math.min(30_000, Math.max(1_000, (endsAt - now) / triesLeft));
  return now + pause * (0.75 + draw / 2);
}
