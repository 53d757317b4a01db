import type { DialectName } from "../config/dialect-names.ts";
import type { Profile } from "../config/profile.ts";
import type { Stores } from "../stores/store.ts";
import type { VaultTls } from "../stores/vault/types.ts";
import type { Plan } from "./plan.ts";

export type { DialectName };

/** The operator's settings that dialects fall back to, from flags, environment and config file. */
export interface OperatorDefaults {
  /** Another map whenever they have changed. */
  readonly profiles: ReadonlyMap<string, Profile>;
  /** Whether a SecretProviderClass of the native dialect may bring settings of its own. */
  readonly inlineStores: boolean;
  readonly vault: OperatorVault;
  readonly openbao: OperatorVault;
  /** Whether today's default address, which is the node itself, may be taken where nobody names one; absent: it may. */
  readonly defaultAddress?: "refused" | undefined;
  /** Where files that a SecretProviderClass names must lie, without a slash at the end; absent: anywhere. */
  readonly tlsDir?: string | undefined;
  /** Files of Latchkey's own that hold credentials: no SecretProviderClass may name them, wherever they lie. */
  readonly ownFiles?: readonly string[] | undefined;
  readonly aws: {
    readonly region?: string | undefined;
  };
}

/** How the servers of one dialect are reached where the SecretProviderClass says nothing. */
export interface OperatorVault {
  readonly addresses?: readonly string[] | undefined;
  /** An agent on the node; it is asked whatever address a SecretProviderClass names. */
  readonly agentAddress?: string | undefined;
  /** Mount of the Kubernetes or JWT auth method. */
  readonly mount: string;
  /** Other mounts of auth methods at which the operator's client certificate may be shown. */
  readonly clientMounts?: readonly string[] | undefined;
  readonly namespace?: string | undefined;
  readonly tls: VaultTls;
}

/** The input of a dialect. */
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
