/** A store's settings that the operator named, with who may use them. */
export interface Profile {
  readonly name: string;
  /** The store's kind, still to be matched with the known ones. */
  readonly kind: string;
  /** Names of namespaces, where `*` stands for any characters; absent: every namespace. */
  readonly namespaces?: readonly string[];
  /** The prefixes of which its secrets' names must have one; `{namespace}` is the pod's. Absent: anything. */
  readonly prefixes?: readonly string[];
  /** Raw settings, parsed by the store's schema when the profile is used. */
  readonly settings: Readonly<Record<string, unknown>>;
}
