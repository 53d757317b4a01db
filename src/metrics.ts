import type { Reason } from "./errors.ts";

/** One mount, when it has ended. */
export interface EndedMount {
  readonly dialect: string;
  /** Undefined where it succeeded. */
  readonly error: { readonly id: string; readonly reason: Reason } | undefined;
  readonly ms: number;
  /** The files that it delivered, and their bytes; 0 if it failed. */
  readonly files: number;
  readonly bytes: number;
  /** Undefined where the request could not be read. */
  readonly namespace: string | undefined;
  /** The volume has files of an earlier mount: a failure is seen by nobody else, for the driver keeps those. */
  readonly remount: boolean;
  /** A service account token came with the request. */
  readonly token: boolean;
  /** Undefined if it did not come to that. */
  readonly proved: boolean | undefined;
  /** Why tokens that came prove nobody, a word of a small fixed set; undefined if they do, or if none came. */
  readonly unproved: string | undefined;
}

/** One login, read, renewal or revocation, when it has ended, however many requests it took. */
export interface EndedCall {
  readonly store: string;
  readonly operation: string;
  readonly result: "ok" | Reason;
  readonly ms: number;
}

/**
 * Receives what the rooms report of their work. All of it is counted, and nothing is waited for. No text here may come
 * from a secret, a ref or an address; only `namespace` is not from a small fixed set.
 */
export interface Metrics {
  mountEnded(mount: EndedMount): void;
  callEnded(call: EndedCall): void;
  /** One request has gone out to a store. */
  requestSent(store: string, operation: string): void;
  /** A try to write one Kubernetes Secret has ended. */
  secretSynced(result: string): void;
  /** The audit line of a mount could not be written. */
  auditFailed(): void;
}

/** Counts nothing: for a process that nobody asks for metrics. */
export const noMetrics: Metrics = {
  mountEnded: () => undefined,
  callEnded: () => undefined,
  requestSent: () => undefined,
  secretSynced: () => undefined,
  auditFailed: () => undefined,
};
