import type { ParameterPlace, ProviderError } from "../errors.ts";
import type { Step } from "./step.ts";
import type { Verify } from "./verify.ts";
import type { WantedBounds } from "./wanted-bounds.ts";

/** Where one secret lies: a store, how to reach it, and the ref in that store's terms (each parsed by the store's schemas). */
export interface Source {
  /** Its kind. */
  readonly store: string;
  readonly settings: unknown;
  readonly ref: unknown;
  /** The pod author wants it for the pod alone, though the store would let its service account share it. */
  readonly share?: "pod";
}

/** Where else a secret lies, and when to ask there. */
export interface NextSources {
  readonly sources: readonly [Source, ...Source[]];
  /** Whether what is stale of a source is served before the next source is asked, or only when none has an answer. */
  readonly stale: "beforeNext" | "afterNext";
  /** The dialect's rule: whether the next source is asked after this error. */
  tryNext(error: ProviderError): boolean;
  /** With `afterNext`: a source that has not answered for so long is not waited for alone, in milliseconds. */
  readonly hedgeMs?: number;
}

/** The rules that turn the names found by a search into secrets. */
export interface Find {
  /** Pure. */
  accepts(name: string): boolean;
  /** The work that `accepts` takes, at worst; absent: none to speak of. */
  workFor?(name: string): number;
  /** More of them fail the mount: one left out would be missed by this pod only. */
  readonly limit: number;
  /** Returns the secret's name in files and templates. */
  shortOf(name: string): string;
  /** Throws the `ProviderError` of a name that may not be read. */
  refOf(name: string): unknown;
  /** Advice on what to check if nothing is found. */
  readonly emptyAdvice?: string | undefined;
}

/** One secret that a mount wants. Equal sources, the next ones too, are fetched once. */
export interface Wanted {
  /** Unique in the plan; outputs point to it. */
  readonly id: string;
  /** Its name in the SecretProviderClass, for errors: `object "db-password"`, `secrets[2]`. */
  readonly subject: string;
  readonly source: Source;
  readonly next?: NextSources;
  /** The source is a search: its secret is a list of names, and what is wanted are the secrets of those names. */
  readonly find?: Find;
  /** The mount goes on where the secret does not exist: its files are left out, or have their `fallbackText`. */
  readonly optional?: true;
  /** Secrets of one name here change at once in a volume. */
  readonly together?: string;
  /** The freshness that the SecretProviderClass asks for, in milliseconds; the operator's bounds limit it. */
  readonly bounds?: WantedBounds;
  /** A new value is tried before it is released, if the operator allows it. */
  readonly verify?: Verify;
}

/** Secrets that the store changes in one step: they are asked for as `wanted`, whose secret has one for each member, in order. */
export interface WantedGroup {
  readonly wanted: Wanted;
  readonly members: readonly Wanted[];
}

/** How a file's bytes come out of a secret. */
interface Selection {
  /** `fields`: where today's Vault provider looks keys up, which for a few secrets is not the value. */
  readonly of: "value" | "envelope" | "fields";
  readonly steps: readonly Step[];
}

/** How the version of a file is made. */
type VersionRule =
  /** The store's own version of the secret, reported under the file's path, or under another id if a peer does so. */
  | { readonly by: "store"; readonly id?: string }
  /** `base64url(HMAC-SHA256(key, prefix || contents))`; without a prefix the path, closed by a zero byte, goes first. */
  | {
      readonly by: "hmac" /** `native`, or the name of a dialect that has a key of its own. */;
      readonly key: string;
      readonly prefix?: Uint8Array;
    };

/** How files come out of a secret. */
interface Making {
  /** Mode bits, 0 to 0o777. */
  readonly mode: number;
  /** `Wanted.id`. */
  readonly from: string;
  /** Its name in the SecretProviderClass, for errors. */
  readonly subject: string;
  readonly select: Selection;
  readonly version: VersionRule;
}

/** One file of the volume. */
export interface Output extends Making {
  /** Relative path in the volume. Path rules are checked by the mount for every dialect. */
  readonly path: string;
  /** The file's content if the secret, or the value in it, does not exist. */
  readonly fallbackText?: string;
  /** The file is left out where the secret has no such value. */
  readonly onlyIfPresent?: true;
}

/** One file for each key of a secret that is a JSON object; what is selected must be one. */
export interface Expansion extends Making {
  /** The path of a key's file; undefined to leave the key out. Pure. */
  pathOf(key: string): string | undefined;
  /** Keys of objects inside are joined by this; absent: such an object is one file of JSON. */
  readonly separator?: string;
}

/** One file that is written from a template (https://shopify.github.io/liquid/). */
export interface TemplateOutput {
  readonly path: string;
  /** Mode bits, 0 to 0o777. */
  readonly mode: number;
  /** Its name in the SecretProviderClass, for errors. */
  readonly subject: string;
  readonly text: string;
  /** `Wanted.id` by the name that the template has for it. */
  readonly names: ReadonlyMap<string, string>;
  readonly version: VersionRule;
}

/** Types of Kubernetes Secrets that are made (https://kubernetes.io/docs/concepts/configuration/secret/#secret-types). */
export type KubernetesSecretType =
  | "Opaque"
  | "kubernetes.io/dockerconfigjson"
  | "kubernetes.io/tls"
  | "kubernetes.io/basic-auth"
  | "kubernetes.io/ssh-auth";

/** The value of one key of a Kubernetes Secret. */
export type KubernetesSecretValue =
  /** A file of the volume. */
  | { readonly kind: "file"; readonly path: string }
  /** A template, as of a `TemplateOutput`; `names` are `Wanted.id` by name. */
  | { readonly kind: "template"; readonly text: string; readonly names: ReadonlyMap<string, string> };

/** One Kubernetes Secret that is made of a volume's content, in the pod's namespace. Names and keys follow Kubernetes' rules. */
export interface KubernetesSecret {
  readonly name: string;
  /** Its name in the SecretProviderClass, for errors: `kubernetesSecrets[0]`. */
  readonly subject: string;
  readonly type: KubernetesSecretType;
  /** It never changes: each content has a name of its own, which begins with `name`. */
  readonly immutable: boolean;
  readonly labels: ReadonlyMap<string, string>;
  readonly annotations: ReadonlyMap<string, string>;
  readonly data: ReadonlyMap<string, KubernetesSecretValue>;
}

/** Something that its author may not have meant, or should not want: for the log, and for lint. */
export interface PlanWarning {
  readonly text: string;
  /** `collision`: two objects become one file, and the last wins. `tls`: the server is not checked. */
  readonly about: "collision" | "tls" | "other";
  readonly at?: ParameterPlace | undefined;
}

/** The plan of a mount; the same type from every dialect. `warnings` hold no values. */
export interface Plan {
  readonly secrets: readonly Wanted[];
  /** Those of `secrets` that are asked for together; made by the mount, not by dialects. */
  readonly groups?: readonly WantedGroup[];
  /** The names of the sources, for errors: store and name; made by the mount, not by dialects. */
  readonly names?: ReadonlyMap<Source, string>;
  readonly outputs: readonly Output[];
  /** Their files come after those of `outputs`. */
  readonly expansions?: readonly Expansion[];
  /** Their files come last. */
  readonly templates?: readonly TemplateOutput[];
  /** Made beside the files, where the operator lets them be. */
  readonly kubernetesSecrets?: readonly KubernetesSecret[];
  readonly warnings: readonly PlanWarning[];
}
