/** A key of a key service, by which the cache's own key is wrapped. Calls throw the service's `ProviderError`. */
export interface KeyWrap {
  /** The operator's words for it: which service, which key. */
  readonly name: string;
  wrap(key: Uint8Array): Promise<Uint8Array>;
  unwrap(wrapped: Uint8Array): Promise<Uint8Array>;
}
