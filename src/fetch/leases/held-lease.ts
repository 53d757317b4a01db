import type { Lease } from "../../stores/lease.ts";
import type { Secret, Session } from "../../stores/store.ts";
import type { LeaseSpan } from "./lease-times.ts";
import type { LeasedAt, LeasedLogin } from "./leased-login.ts";

/**
 * The fate of something that was issued: renewed; replaced by another answer; revoked because its pod is gone; refused a
 * renewal, so that it is good to its end only; or lost, because it ended or the store no longer knows it.
 */
export type LeaseEvent = "renewed" | "replaced" | "revoked" | "refused" | "lost";

/** A pod that something was issued to. */
interface LeasePod {
  readonly name: string;
  readonly uid: string;
}

/** Something that a store has just issued to a pod. */
export interface Issued {
  /** The key of its entry in the cache. */
  readonly key: string;
  /** The key that all pods of the account ask with. */
  readonly sharedKey: string;
  readonly pod: LeasePod;
  readonly at: LeasedAt;
  readonly secret: Secret;
  readonly session: Session;
  /** The window of `spread` that the asker has, in milliseconds. */
  readonly spread: number;
}

/** Something that was issued, and is kept up for its pod. */
export interface HeldLease extends Pick<Issued, "key" | "sharedKey" | "pod" | "spread"> {
  /** The ref in the store's words. */
  readonly name: string;
  readonly login: LeasedLogin;
  readonly lease: Lease | undefined;
  readonly span: LeaseSpan;
}
