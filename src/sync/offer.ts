import type { ProviderError } from "../errors.ts";
import type { KubernetesSecret, Source } from "../plan/plan.ts";
import type { Identity, Secret } from "../stores/store.ts";

/** The answer of one source of a Secret's content to a mount. */
export interface OfferedSource {
  readonly source: Source;
  readonly secret: Secret;
  /** When the store was asked, in milliseconds since the epoch. */
  readonly fetchedAt: number;
}

/** The content of one Kubernetes Secret as a mount made it. */
export interface OfferedContent {
  readonly spec: KubernetesSecret;
  readonly values: ReadonlyMap<string, Uint8Array>;
  readonly sources: readonly OfferedSource[];
}

/** The content of one Kubernetes Secret, or why it could not be made. */
export type OfferedSecret = OfferedContent | { readonly spec: KubernetesSecret; readonly problem: ProviderError };

/** Why an identity is not proved. */
export interface Unproved {
  /** For people. */
  readonly why: string;
  readonly fix: string;
  /** Tries its tokens again; absent if that cannot help. `never`: by now it cannot. Never rejects. */
  readonly again?: () => Promise<"proved" | "later" | "never">;
}

/** Who offers. */
export interface Offerer extends Pick<Identity, "namespace" | "serviceAccount" | "proved"> {
  readonly unproved?: Unproved;
}

/** The content that one mount has for Kubernetes Secrets. */
export interface Offer {
  readonly identity: Offerer;
  /** Its volume has not been mounted before: the pod is new, and so may be its SecretProviderClass. */
  readonly isFirst: boolean;
  /** The dialect that read the parameters. */
  readonly provider: string;
  /** Name of the SecretProviderClass, the pod author's word. */
  readonly secretProviderClass: string;
  /** As the request has them: those of the SecretProviderClass under the pod's volumeAttributes. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly secrets: readonly OfferedSecret[];
}

/** The outcome of an offer. */
export interface Offered {
  /** By now: `unchanged`: all is as it was written; `queued`: something is to be written; `refused`: something may not be. */
  readonly state: "unchanged" | "queued" | "refused";
  /** Settles when everything queued was tried once; absent where nothing is tried now. Never rejects. */
  readonly tried?: Promise<void>;
  /** Whether the same content should be offered again: by a new pod, or because it is time to look whether the Secrets are still there. */
  due(isFirst: boolean): boolean;
}
