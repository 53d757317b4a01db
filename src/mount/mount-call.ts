import type { WireRequest } from "./request.ts";

/** One `Mount` call as the mount sees it. */
export interface MountCall {
  readonly request: WireRequest;
  /** Aborts with the `ProviderError` to answer: the time ran out, the process stops, or the caller went away. */
  readonly signal: AbortSignal;
  /**
   * Waits, in turn with other namespaces, until a reply of `bytes` may be in memory; returns undefined if it may at once. A
   * second call takes what the first one lacks. All of it is given back when the call is over.
   */
  reserve(namespace: string, bytes: number): Promise<void> | undefined;
}
