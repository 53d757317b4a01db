/** Refs that change in one step, such as the stages of one secret: read apart, they would show two of its rotations at once. */
export interface Together<R = unknown> {
  /** Equal for refs that change in one step; undefined for one that never changes. */
  unitOf(ref: R): string | undefined;
  /** One ref for all of them. Its secret has them in `together`. */
  join(refs: readonly TogetherRef<R>[]): R;
}

/** One of several refs that are read as one. */
export interface TogetherRef<R> {
  readonly ref: R;
  /** The others are there without it; where one that is not optional is absent, all are. */
  readonly optional: boolean;
}
