import type { Redacted } from "../redacted.ts";

/** The store's own name for something that it issued, and can end or make last longer. */
export interface Lease {
  readonly id: Redacted<string>;
  readonly renewable: boolean;
  /** Which part of the store it is in, where that is not the part that the settings name. */
  readonly part?: string;
}

/** The life that a lease has now. */
export interface RenewedLease {
  /** In milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly renewable: boolean;
}
