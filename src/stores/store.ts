import type { ZodType } from "zod";
import type { Redacted } from "../redacted.ts";
import type { Lease, RenewedLease } from "./lease.ts";
import type { Together } from "./together.ts";

/** On whose behalf a mount is made: what the kubelet says of the pod, and the tokens that came with the request. */
export interface Identity {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** Of the proving token: an account that is made again under its old name is another. */
  readonly serviceAccountUid?: string;
  /** Absent where no pod is behind the call (the sync controller). */
  readonly pod?: { readonly name: string; readonly uid: string };
  /** True when a token of this request verified against the cluster's keys as this very service account's. */
  readonly proved: boolean;
  /** Service account tokens by audience. */
  readonly tokens: ReadonlyMap<string, Redacted<string>>;
  /** Data of nodePublishSecretRef. */
  readonly credentials?: Redacted<ReadonlyMap<string, string>>;
}

/** Something that a store needs from Kubernetes before it can log in; the mount resolves it. */
export interface Lookup {
  readonly kind: "serviceAccountAnnotation";
  /** Annotation key, such as `eks.amazonaws.com/role-arn`. */
  readonly name: string;
  /** It need not be there. */
  readonly optional?: true;
  /** The instruction on how to do without it: `name the role in the SecretProviderClass (roleArn)`. */
  readonly instead: string;
}

/**
 * The values that lookups found, by the lookup's `name`. A lookup that found nothing fails the mount before `open`, if it is
 * not optional.
 */
export type Found = ReadonlyMap<string, string>;

/** A secret of another store, which a store asks for as the same identity. */
export interface OtherSource {
  /** Its kind. */
  readonly store: string;
  readonly settings: unknown;
  readonly ref: unknown;
}

/** The context of every call to a store: when to stop, and where to count requests that really go out. */
export interface CallContext {
  /**
   * Asks for a secret of another store, through the cache: what unlocks a document is kept with all bounds, and the document
   * is not. Given to what is local alone. Throws that store's `ProviderError`.
   */
  readonly ask?: (source: OtherSource) => Promise<Secret>;
  readonly signal: AbortSignal;
  /** Called once for each request sent to the store, with a short fixed name: `login`, `read`. */
  readonly count: (operation: StoreOperation) => void;
}

/** The purpose of a request to a store, for counting. */
export type StoreOperation = "login" | "read" | "renew" | "revoke";

/** How widely an answer may be shared: by all pods of the service account, or by this pod only that it was made for. */
export type Scope = "serviceAccount" | "pod";

/** The service account token that a store wants. */
export interface TokenAudience {
  /** Under which name the driver's tokens are searched. */
  readonly name: string;
  /** False where nobody chose it: a token that Latchkey asks for itself is then made for the API server's own audience. */
  readonly chosen: boolean;
}

/** Who wrote the settings: the operator (flags, environment, profiles) or the author of a SecretProviderClass or pod. */
export type Author = "operator" | "pod";

/** Everything that a login is made from. */
export interface OpenRequest<S> {
  readonly identity: Identity;
  readonly settings: S;
  readonly found: Found;
  readonly context: CallContext;
}

/** One store: how its settings and refs look, and how to log in. Holds the connection pools; imports its SDK on first `open`. */
export interface Store<S = unknown, R = unknown, Q = R> {
  readonly kind: string;
  /** Strict schema of the settings as `author` may write them; equal meaning gives equal values. */
  settings(author: Author): ZodType<S>;
  /** Returns remarks on settings that their author may not have meant, by the field's name in the native dialect. */
  remarks?(settings: S): readonly { readonly field: string; readonly text: string; readonly fix: string }[];
  /** Strict schema of a ref as the native dialect writes it (`name` and what the store adds to it). */
  readonly ref: ZodType<R>;
  /** How it searches. */
  readonly search: Search<R, Q>;
  /** How refs that the store changes in one step are read and held as one; absent where each stands alone. */
  readonly together?: Together<R>;
  /** The ref in the store's own words, for errors and logs; never a value. */
  nameOf(ref: R | Q): string;
  /** Returns the text to compare with an operator's prefixes, if a ref's name does not say where it leads. */
  reach?(ref: R | Q): string | undefined;
  /**
   * True if an answer comes from this very node: it is read each time, never kept. A store can have both: a document that is
   * there already, and one that has to be fetched.
   */
  isLocal(settings: S, ref: R | Q): boolean;
  /** Returns the sources that a local ref may ask for before it can be read, as far as settings and ref tell. */
  asks?(settings: S, ref: R | Q): readonly OtherSource[];
  /** Where calls go, so that what fails there fails together: address, namespace, TLS settings, service. */
  endpoint(settings: S): string;
  /**
   * The servers that those calls may reach, as `host:port` or another plain name, so that a server is asked no more calls at
   * once because it is asked under many settings. Absent if each endpoint is a server of its own.
   */
  servers?(settings: S): readonly string[];
  /** Where that is, for people: the addresses, or a cloud and its region. */
  place(settings: S): string;
  /** The addresses that a pod author chose, in the order in which they are asked; absent if pod authors choose none. */
  chosenAddresses?(settings: S): readonly string[];
  /**
   * Checks what the operator's settings decide about settings of pods in a namespace, as `open` does before it asks anybody; absent
   * if they decide nothing. Throws `LK0020`, `LK0021`.
   */
  checkOperators?(settings: S, namespace: string): void;
  /** The service account token that `open` takes, if it takes one; undefined also if it is not known yet. */
  audience(settings: S): TokenAudience | undefined;
  /** Learns what `audience` needs to know, if that is not in the settings. Never throws: `open` says what is missing. */
  learnAudience?(settings: S): Promise<void>;
  /** `pod` where what the store answers hangs on the pod and not on its service account alone. */
  scope(settings: S): Scope;
  /** `issue` where reading makes something new: the answer belongs to the pod that asked, and no request is sent twice. */
  effect(ref: R | Q): "read" | "issue";
  /**
   * `credentials` where the login is made from nothing but the pod's nodePublishSecretRef, so that whoever has it is who
   * the store takes them for, token or not; `token` everywhere else.
   */
  proof(settings: S): "token" | "credentials";
  /** Returns what `open` needs from Kubernetes. */
  needs(settings: S): readonly Lookup[];
  /**
   * Logs in as the identity. Throws a `ProviderError`: `outage`, `throttled`, `denied` (`LK0011` without a token for the
   * audience, `LK0032` refused), `invalid` or `fault`.
   */
  open(request: OpenRequest<S>): Promise<Session<R, Q>>;
  /**
   * Goes on with a login of an earlier process (`Session.resumable`), without asking the store. Absent where the store has
   * none that outlive a process.
   */
  resume?(settings: S, resumable: Redacted<string>): Promise<Session<R, Q>>;
  /** Closes the pools. Never throws. */
  shutdown(): Promise<void>;
}

/** How a store finds secrets whose names nobody has written down. */
export interface Search<R = unknown, Q = R> {
  /**
   * Strict schema of what a search may say: a `prefix` of the names, or what else the store knows. Gives a ref whose secret
   * is a JSON list of all names that fit, sorted, each as `name` of `ref` has it. What the store cannot do is refused with
   * the reason.
   */
  readonly query: ZodType<Q>;
  /** Returns the text that all names of a search begin with; absent if names need not begin alike. */
  prefixOf?(query: Q): string;
  /** Returns the name that files and templates have for a secret; absent: what follows the prefix. */
  shortOf?(query: Q, name: string): string;
  /** The ref of a name that the search gave. Throws `LK0036` for one that is no name. */
  refOf(query: Q, name: string): R;
  /** Returns advice for a search that finds nothing, if the store knows more than to check the search's words. */
  emptyAdvice?(query: Q): string;
}

/** The stores of this process, each loaded on first use. */
export interface Stores {
  /** Throws for a kind that there is none of. */
  load(kind: string): Promise<Store>;
  /** Closes the pools of every loaded store. */
  shutdown(): Promise<void>;
}

/** A logged-in store for one identity and one settings. */
export interface Session<R = unknown, Q = R> {
  /** When the login ends, in milliseconds since the epoch. */
  readonly expiresAt?: number | undefined;
  /** True once the login is good for no further request. */
  readonly spent?: boolean | undefined;
  /** Learnt at the login: what this session reads is for the pod that opened it. Narrows only. */
  readonly scope?: "pod";
  /**
   * Reads one ref. Several reads may run at once, and a store may gather them into one request. Throws a `ProviderError`:
   * `absent`, `denied`, `outage`, `throttled`, `invalid` or `fault`.
   */
  read(ref: R | Q, context: CallContext): Promise<Secret>;
  /**
   * Makes a login that something hangs on (a lease) last longer, and moves `expiresAt`. Absent where the store knows no
   * such thing, `false` where there was nothing to renew. Throws the store's `ProviderError`.
   */
  renew?(context: CallContext): Promise<boolean>;
  /**
   * Makes what was issued last longer. Throws the store's `ProviderError`: `denied` where the login may not, `absent` where
   * the store does not know the lease any more.
   */
  renewLease?(lease: Lease, context: CallContext): Promise<RenewedLease>;
  /** Ends the login where the store allows it and nothing hangs on it. Never throws; best effort. */
  close(): Promise<void>;
  /** Ends the login with everything that hangs on it. Absent where the store knows no such thing, or this login cannot. */
  readonly revoke?: ((context: CallContext) => Promise<void>) | undefined;
  /** The login as text, so that the next process can go on with it (`Store.resume`); absent where it cannot. */
  readonly resumable?: Redacted<string> | undefined;
}

/** The store's answer. */
export interface Secret {
  /** The secret as users know it, lossless: file bytes, KV data as JSON, SecretString or SecretBinary. */
  readonly value: Redacted<Uint8Array>;
  /** The whole answer, lossless (Vault: the response as its Go client writes it). */
  readonly envelope?: Redacted<Uint8Array>;
  /** Where today's Vault provider looks keys up, if that is not the value. */
  readonly fields?: Redacted<Uint8Array>;
  /** Top-level envelope fields that versions leave out because they change with every answer: `request_id`, ... */
  readonly volatile?: readonly string[];
  /** Of several refs that are read as one, the secret of each in their order; undefined for an optional one that is absent. */
  readonly together?: readonly (Secret | undefined)[];
  /** The secrets that a search found, by name: `value` is then a JSON object of them all. */
  readonly found?: ReadonlyMap<string, Secret>;
  /** The type of the value, if the store itself vouches for it: `application/x-pkcs12` (base64 of one), `application/x-pem-file`. */
  readonly mediaType?: string;
  /** The store's own version, as text: a VersionId, a KV v2 version number. */
  readonly version?: string;
  /** The ref names one version for ever. */
  readonly immutable?: true;
  /** The store made it for this asker (a lease): never shared, never asked for twice. */
  readonly issued?: true;
  /** How the store knows what it issued; absent where nothing can be renewed or ended there (a certificate). */
  readonly lease?: Lease;
  /** From then on it is worthless, in milliseconds since the epoch. */
  readonly expiresAt?: number;
}
