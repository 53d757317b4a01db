import type { DotenvReader } from "../formats/dotenv.ts";
import type { Expression } from "../formats/jmespath.ts";
import type { PemPart } from "../formats/pem.ts";

/** One step from a secret's bytes to a file's bytes. */
export type Step =
  /** The value at a path of field names and array indices; text as it is, anything else as compact JSON in Go's form. */
  | { readonly kind: "key"; readonly path: readonly (string | number)[]; readonly text: string }
  /** The text at a key of a JSON or YAML map, as Go's libraries decode it; what is no text is an error. */
  | { readonly kind: "textKey"; readonly format: "json" | "yaml"; readonly key: string }
  /** Takes the result of a JMESPath: text as it is; other values as compact JSON, or an error if not `stringify`. */
  | { readonly kind: "jmesPath"; readonly expression: Expression; readonly text: string; readonly stringify: boolean }
  /** Decodes text as Go's strict decoders do (`base64`: padded standard alphabet, newlines ignored; `hex`), or `base64url`. */
  | { readonly kind: "decode"; readonly encoding: "base64" | "base64url" | "hex" }
  /** Writes a JSON object in another form. */
  | {
      readonly kind: "format";
      readonly format: "dotenv" | "json" | "yaml" | "properties";
      /** Whom a dotenv file is for; absent: for all of them. */
      readonly reader?: DotenvReader;
    }
  /** One part of a PEM bundle. */
  | { readonly kind: "pem"; readonly part: PemPart }
  /**
   * The secret of a certificate by what the store says it is: PKCS#12 as PEM (`stored`: as it is), PEM and what no store vouches
   * for as it is. Of PKCS#12 the certificates go from leaf to root where `ordered`; `part`: one part, of a certificate alone.
   */
  | {
      readonly kind: "certificate";
      readonly form: "pem" | "stored";
      readonly ordered: boolean;
      readonly part?: CertificatePart;
    }
  /** A PKCS#12 file of PEM. */
  | KeyStoreStep
  /** PEM of a PKCS#12 file that has a password, as bytes or as base64: key and certificates, from leaf to root. */
  | OpenKeyStoreStep;

/** The certificates, or the private key. */
export type CertificatePart = "chain" | "key";

/** A keystore, or a truststore of certificates alone, with the name of its entry. */
export interface KeyStoreStep {
  readonly kind: "keyStore";
  readonly alias: string;
  readonly truststore: boolean;
  /** Absent: the empty one. */
  readonly password?: PasswordSource;
}

/** How a file that has a password is opened. */
interface OpenKeyStoreStep {
  readonly kind: "openKeyStore";
  readonly password: PasswordSource;
}

/** The secret that has a password, and where in it. */
export interface PasswordSource {
  /** `Wanted.id`. */
  readonly from: string;
  readonly steps: readonly Step[];
}
