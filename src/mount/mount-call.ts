import type { WireRequest } from "./request.ts";

/** One `Mount` call as the mount sees it. */
export interface MountCall {
  readonly request: WireRequest;
  /** Aborts with the `ProviderError` to answer: the time ran out, the process stops, or the caller went away. */
  readonly signal: AbortSignal;
  /** Waits until a reply of about `bytes` may be built; what is taken is given back when the call is over. */
  reserve(bytes: number): Promise<void> | undefined;
  /** Says how large the files really are; waits only where nothing was reserved. */
  settle(bytes: number): Promise<void> | undefined;
}
