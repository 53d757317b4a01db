/** Fields of a map of the native dialect; what is undefined is not written. */
export type NativeFields = Readonly<Record<string, unknown>>;

/** An entry of `stores`, and what of the settings has no word there. */
export interface NativeStore {
  readonly fields: NativeFields;
  /** For people. */
  readonly notes: readonly string[];
}

/** How a store's settings and refs are written in the native dialect. */
export interface ToNative<S = unknown, R = unknown> {
  /** Settings as a pod author writes them. */
  store(settings: S): NativeStore;
  /** The ref as an entry of `secrets` has it. */
  ref(ref: R): NativeFields;
}
