import type { Stores } from "../stores/store.ts";
import type { Plan } from "./plan.ts";

/** The ways to write `spec.parameters` that Latchkey reads; each has its own socket, `<name>.sock`. */
export type DialectName = "latchkey" | "vault" | "aws";

/** A store's settings that the operator named, with who may use them. */
export interface Profile {
  readonly name: string;
  /** The store's kind, still to be matched with the known ones. */
  readonly kind: string;
  /** Exact namespace names; absent: every namespace. */
  readonly namespaces?: readonly string[];
  /** Raw settings, parsed by the store's schema when the profile is used. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** What the operator set, by flags, environment and config file, that dialects fall back to. */
export interface OperatorDefaults {
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly vault: {
    readonly address?: string | undefined;
    /** Auth mount, default `kubernetes`. */
    readonly mount: string;
    readonly namespace?: string | undefined;
    /** Path of a PEM file. */
    readonly caCert?: string | undefined;
    readonly tlsServerName?: string | undefined;
  };
  readonly aws: {
    readonly region?: string | undefined;
  };
}

/** What a dialect reads. */
export interface DialectInput {
  /** The parameters without the kubelet's keys, values as text. */
  readonly parameters: ReadonlyMap<string, string>;
  /** The pod's namespace, for profiles. */
  readonly namespace: string;
  /** Default mode of files, from the request. */
  readonly mode: number;
  readonly operator: OperatorDefaults;
  /** For the schemas of settings and refs. */
  readonly stores: Stores;
}

/** A way to write `spec.parameters`. */
export interface Dialect {
  readonly name: DialectName;
  /**
   * Parameters to plan, without I/O (store modules may be loaded for their schemas).
   * Throws one `ProviderError` that lists every problem of the SecretProviderClass.
   */
  plan(input: DialectInput): Promise<Plan>;
}
