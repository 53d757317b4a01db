import type { KeysState } from "../kubernetes/token-keys.ts";
import type { Metrics } from "../metrics.ts";

/** Keys are read again every five minutes: past this age, in milliseconds, that has failed several times. */
const oldAfter = 1_200_000;

/** A bad token of one pod is no reason for a note; so many mounts without a good one between them are. */
const manyInARow = 10;

/** Counts, from now on, how many mounts whose request had a token were not proved since the last one that was. */
export function countUnproved(metrics: Metrics): { readonly inARow: number } {
  const counted = { inARow: 0 };
  metrics.listen("mountEnded", ({ proved, unproved }) => {
    if (proved === true) counted.inARow = 0;
    if (unproved !== undefined) counted.inARow += 1;
  });
  return counted;
}

/**
 * Returns the notes about the proof of identities; none if all is well. Anyone who reaches the address can read them:
 * they hold ids of errors and times, and no address.
 */
export function proofNote({ isKnown, ageMs, failure }: KeysState, unprovedInARow: number): readonly string[] {
  const because = failure === undefined ? "" : ` (${failure})`;
  const means = "mounts work, but nothing is cached, and no Kubernetes Secret is written. The log says why.";
  if (!isKnown)
    return [`note: no token can be proved, because the cluster's token keys are not known${because}: ${means}`];
  const old = ageMs > oldAfter ? [oldNote(ageMs, because)] : [];
  if (unprovedInARow < manyInARow) return old;
  return [...old, `note: the tokens of the last ${unprovedInARow} mounts that had one proved no identity: ${means}`];
}

function oldNote(ageMs: number, because: string): string {
  const minutes = Math.round(ageMs / 60_000);
  return `note: the cluster's token keys were last read ${minutes} minutes ago${because}: a key removed since then is still trusted.`;
}
