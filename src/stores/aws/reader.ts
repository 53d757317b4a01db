import type { CallContext, Secret } from "../store.ts";
import type { AwsCredentials } from "./credentials.ts";
import type { AwsCall } from "./errors.ts";
import type { AwsWay } from "./sdk-config.ts";
import type { AwsAsked } from "./types.ts";

/** The parts that a service's reader is made from. */
export interface ReaderParts {
  readonly way: AwsWay;
  readonly credentials: AwsCredentials;
  readonly call: AwsCall;
  readonly concurrency: number;
  /** Who asks, as `deniedBatches` tells identities apart. */
  readonly asker: string;
  /** Whose reads of several secrets at once were denied, by asker, principal and region. */
  readonly deniedBatches: { has(key: string): boolean; add(key: string): void };
}

/** Reads refs of one service for one session. */
export interface AwsReader {
  /** Throws what the failure means. */
  read(ref: AwsAsked, context: CallContext): Promise<Secret>;
  close(): void;
}
