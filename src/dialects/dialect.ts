import type { Profile } from "../config/profile.ts";
import type { Plan } from "../plan/plan.ts";
import type { Stores } from "../stores/store.ts";
import type { ClassTexts } from "./class-texts.ts";

/** The operator's settings that dialects fall back to, from flags, environment and config file. */
export interface OperatorDefaults {
  /** Another map whenever they have changed. */
  readonly profiles: ReadonlyMap<string, Profile>;
  /** Whether a SecretProviderClass of the native dialect may bring settings of its own. */
  readonly inlineStores: boolean;
  /** The settings that the SecretProviderClasses of each dialect fall back to, by its name, as its definition made them. */
  readonly dialects: Readonly<Record<string, unknown>>;
  /** Whether today's default address, which is the node itself, may be taken where nobody names one; absent: it may. */
  readonly defaultAddress?: "refused" | undefined;
  /** Where files that a SecretProviderClass names must lie, without a slash at the end; absent: anywhere. */
  readonly tlsDir?: string | undefined;
  /** Whether new values are tried where a SecretProviderClass asks for it; absent: no. */
  readonly verify?: boolean | undefined;
  /** Files of Latchkey's own that hold credentials: no SecretProviderClass may name them, wherever they lie. */
  readonly ownFiles?: readonly string[] | undefined;
}

/** The input of a dialect; `O` are the operator's settings for it. */
export interface DialectInput<O = unknown> {
  /** The parameters without the kubelet's keys, values as text. */
  readonly parameters: ReadonlyMap<string, string>;
  /** The pod's namespace, for profiles. */
  readonly namespace: string;
  /** Default mode of files, from the request. */
  readonly mode: number;
  readonly operator: OperatorDefaults;
  /** Of `operator.dialects`, those of this dialect. */
  readonly own: O;
  /** For the schemas of settings and refs. */
  readonly stores: Stores;
  /** Reads the YAML of the parameters, and templates. */
  readonly texts: ClassTexts;
}

/** A way to write `spec.parameters`. */
export interface Dialect<O = unknown> {
  readonly name: string;
  /**
   * Parameters to plan, without I/O (store modules may be loaded for their schemas).
   * Throws one `ProviderError` that lists every problem of the SecretProviderClass.
   */
  plan(input: DialectInput<O>): Promise<Plan>;
}
