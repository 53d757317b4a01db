/** Where SealedSecrets lie, and the keys that open them. */
export interface SealedSettings {
  /** A directory of the operator's; `{namespace}` and `{serviceAccount}` are replaced by the pod's. */
  readonly directory?: string;
  /** Files or directories with the controller's private keys, with the same placeholders; absent: the operator's own for all. */
  readonly keys?: readonly string[];
}

/** Whom a SealedSecret was sealed for (https://github.com/bitnami-labs/sealed-secrets#scopes). */
export type SealedScope = "strict" | "namespace-wide" | "cluster-wide";

/** A SealedSecret, in the SecretProviderClass itself or in the directory. */
export type SealedRef = InlineSealedRef | SealedFileRef;

/** The encrypted data that the SecretProviderClass brings. */
export interface InlineSealedRef {
  /** Of the SealedSecret: part of what a strict one is sealed for. */
  readonly name: string;
  readonly scope: SealedScope;
  /** In the order of their keys. */
  readonly encryptedData: readonly (readonly [key: string, sealed: string])[];
}

/** A manifest below the directory. */
interface SealedFileRef {
  /** Relative path, `/` between the parts. */
  readonly name: string;
}

/** All manifests below the directory whose names begin so. */
export interface SealedSearch {
  readonly prefix: string;
}
