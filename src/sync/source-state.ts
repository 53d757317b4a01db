/** The state of a source when a Secret was made of it. */
export interface SourceState {
  /** Keyed digests of where it lies and of what it held. */
  readonly id: string;
  readonly digest: string;
  /** When the store was asked, in milliseconds since the epoch; of a group of sources the last time. */
  readonly fetchedAt: number;
  /** Of a group of sources: when the store was asked for the one that was fetched first. */
  readonly oldestAt?: number;
}
