import type { Author } from "../store.ts";
import type { DocumentFormat } from "./document/document.ts";

/** Where documents lie and how their keys are unwrapped. */
export interface SopsSettings {
  readonly author: Author;
  /** A directory of the operator's; `{namespace}` and `{serviceAccount}` are replaced by the pod's. */
  readonly directory?: string;
  /** Files with age identities, with the same placeholders; absent: the operator's own for all. */
  readonly ageKeyFiles?: readonly string[];
  /** How the pod logs in at each key service, as the store of that family writes it. Absent: not said. */
  readonly services: Readonly<Partial<Record<ServiceName, Readonly<Record<string, unknown>>>>>;
}

/** The key services that a document can name. */
export const serviceNames = ["aws", "gcp", "azure", "vault"] as const;

/** One of them. */
export type ServiceName = (typeof serviceNames)[number];

/** A document, in the SecretProviderClass itself or in the directory. */
export type SopsRef = InlineRef | FileDocumentRef;

/** A document that the SecretProviderClass brings. */
export interface InlineRef {
  readonly ciphertext: string;
  readonly format: DocumentFormat;
}

/** A document below the directory. */
export interface FileDocumentRef {
  /** Relative path, `/` between the parts. */
  readonly name: string;
  readonly format: DocumentFormat;
}

/** All documents below the directory whose names begin so. */
export interface SopsSearch {
  readonly prefix: string;
}
