import type { Config } from "../config/config.ts";
import type { OptionTable } from "../config/option.ts";
import type { TlsSettings } from "../http/trust.ts";
import type { StoreHost } from "./host.ts";
import type { Store, Stores } from "./store.ts";
import type { ToNative } from "./to-native.ts";
import type { StoreWords } from "./words.ts";

/**
 * Everything that the rest of Latchkey knows of a kind of store before its module is loaded. It is cheap to import: no SDK,
 * no schema, no I/O.
 */
export interface StoreDefinition<F = unknown> {
  /** `kind`, as profiles and the parameter `stores` have it. */
  readonly kind: string;
  /** Kinds of one family have the same. */
  readonly family: StoreFamily<F>;
  readonly words: StoreWords;
  /** Only an operator's profile may name it. */
  readonly isOperatorsOnly?: true;
  /** Loads what reads manifests of another controller, for `convert`; absent: none stand for its secrets. */
  readonly manifests?: () => Promise<ReadManifests>;
  /** The most secrets that one call reads. */
  readonly mostAtOnce: (config: Config) => number;
  /** Loads what writes its settings and refs in the native dialect. */
  readonly toNative: () => Promise<ToNative>;
  /** Loads the store; `parts` are what its family made, once for all of its kinds, and `stores` gives those that it asks. */
  load(parts: F, stores: Pick<Stores, "load">): Promise<Store>;
}

/** Reads the manifests of a text that stand for secrets of a store; none if there are none. Throws `FormatError`. */
type ReadManifests = (text: string) => readonly NativeManifest[];

/** A manifest in the native form. */
export interface NativeManifest {
  readonly name: string;
  readonly namespace: string | undefined;
  /** An entry of `secrets`, without its store. */
  readonly secret: Readonly<Record<string, unknown>>;
  /** For people: what the native form does otherwise. */
  readonly notes: readonly string[];
}

/**
 * A key service: a store that no SecretProviderClass names. A store of ciphertext asks it to unwrap a key, as the pod, and
 * gets the key as a secret.
 */
export interface KeyServiceDefinition<F = unknown>
  extends Pick<StoreDefinition<F>, "kind" | "family" | "load" | "mostAtOnce"> {
  /** Set if the service can wrap the cache's own key. */
  readonly wrapping?: KeyWrapping;
}

/** How the operator names a key of a service, and how it is asked. */
export interface KeyWrapping {
  /** `--cache-key-wrap SCHEME:KEY` */
  readonly scheme: string;
  /** The whole form, for people. */
  readonly form: string;
  /** Settings as an operator writes them. */
  settings(key: string, login: WrapLogin): Readonly<Record<string, unknown>>;
  /** The ref that wraps a base64 plaintext, or unwraps what that gave. */
  ref(
    key: string,
    part: { readonly plaintext: string } | { readonly ciphertext: string },
  ): Readonly<Record<string, unknown>>;
}

/** As whom, and where, the cache's own key is wrapped. */
interface WrapLogin {
  readonly role: string | undefined;
  readonly address: string | undefined;
  readonly caFile: string | undefined;
}

/** Kinds that share the operator's options, the way to the network, and logins: equal settings, one session that reads refs of each. */
export interface StoreFamily<F = unknown, H = unknown> {
  readonly name: string;
  /** The operator's options for all of its kinds. */
  readonly options: OptionTable;
  /** Throws `ConfigError` for options that are each right and wrong together. */
  readonly check?: (config: Config) => void;
  /** Options that become a field of settings: the store's own schema judges what was given, so that a wrong word stops the start. */
  readonly judged?: readonly JudgedOption[];
  /** The TLS files and texts that options name: each is read at the start. */
  readonly tls?: (config: Config) => readonly NamedTls[];
  /** Returns the flags by which the operator has certificates of a served dialect's servers not checked. */
  readonly unchecked?: (config: Config) => readonly string[];
  /** Returns the files with credentials of Latchkey's own: no SecretProviderClass may name them. */
  readonly ownFiles?: (config: Config) => readonly (string | undefined)[];
  /** Returns the operator's settings for all of its kinds. */
  readonly host?: (config: Config) => H;
  /** Makes what its kinds share; `own` is what `host` gave, absent where nothing but schemas is asked for. */
  open(host: StoreHost, own: H | undefined): F | Promise<F>;
}

/** An option that becomes a field of a store's settings if a SecretProviderClass says nothing. */
export interface JudgedOption {
  readonly option: string;
  readonly kind: string;
  readonly field: string;
}

/** TLS settings, and the option that they come from. */
export interface NamedTls {
  readonly option: string;
  readonly settings: TlsSettings;
}
