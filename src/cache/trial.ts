/** The outcome of a try: the target let the new value in, said no, or did not get to say. */
export type Verdict = "ok" | "refused" | "unreachable";

/** The outcome of a try, with the target's own code for it, which is of a small set. */
export interface Tried {
  readonly verdict: Verdict;
  readonly code?: string | undefined;
}

/** How a new value is tried before it is released. */
export interface Trial<V> {
  /** How long a refused value is held back at most, in milliseconds. */
  readonly hold: number;
  /** Never rejects. */
  readonly try: (value: V, signal: AbortSignal) => Promise<Tried>;
}
