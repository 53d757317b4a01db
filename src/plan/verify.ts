import type { Step } from "./step.ts";

/** How a new value is tried. */
export interface Verify {
  /** Each has to let the value in. */
  readonly targets: readonly VerifyTarget[];
  /** How long a refused value is held back at most, in milliseconds. */
  readonly hold: number;
}

/** Something that takes a credential. */
export interface VerifyTarget {
  readonly kind: "postgres" | "mysql" | "redis" | "http";
  /** Text of the SecretProviderClass, or of the secret. */
  readonly fields: Readonly<Partial<Record<VerifyField, VerifyText>>>;
  /** `verify` checks the server's certificate, `require` does not. */
  readonly tls: "off" | "require" | "verify";
  /** PEM of the authorities that are trusted; absent: the public ones. */
  readonly ca?: string;
  /** Of an answer by HTTP that means that the credential is let in; absent: 200 to 299. */
  readonly status?: readonly number[];
  /** Which secret of a group it is about. */
  readonly member?: number;
}

/** The parts of a target that a secret may hold. */
export type VerifyField = "host" | "port" | "database" | "user" | "password" | "url" | "token" | "header";

/** A text as it is written, or the steps from the secret to it. */
export type VerifyText = { readonly text: string } | { readonly steps: readonly Step[] };
