/** One version of a secret. */
interface StoredVersion {
  readonly data: Buffer;
  state: "ENABLED" | "DISABLED" | "DESTROYED";
}

/** A secret with its versions, the first of them at 0. */
export interface StoredSecret {
  readonly labels: Readonly<Record<string, string>>;
  readonly versions: StoredVersion[];
  readonly aliases: Map<string, number>;
}

/** One version of a parameter. */
interface StoredParameterVersion {
  readonly data: Buffer;
  readonly createTime: string;
  disabled: boolean;
}

/** A parameter with its versions by name. */
interface StoredParameter {
  readonly labels: Readonly<Record<string, string>>;
  readonly format: "UNFORMATTED" | "JSON" | "YAML";
  readonly versions: Map<string, StoredParameterVersion>;
}

/** Everything that the played Google Cloud holds. Resources by their whole name, with the project's id. */
export interface GcpState {
  /** Numbers by id: answers name projects by number. */
  readonly projects: Map<string, string>;
  readonly secrets: Map<string, StoredSecret>;
  readonly parameters: Map<string, StoredParameter>;
  /** Keys of Cloud KMS by their whole name, each the bytes that it encrypts with. */
  readonly kmsKeys: Map<string, Buffer>;
  /** Who a token is: `principal://...`, `serviceAccount:...`. */
  readonly tokens: Map<string, string>;
  /** Who may act as a service account; absent: nobody. */
  readonly accounts: Map<string, Set<string>>;
  /** Audiences that tokens can be exchanged for, and the audience that those must have. */
  readonly pools: Map<string, string>;
  /** Key files by the address of their account: the public key as PEM. */
  readonly keys: Map<string, string>;
  /** The values of the metadata server; absent ones are not found. */
  readonly metadata: Map<string, string>;
  /** Principals that may read; absent: everybody who is known. */
  readers: Set<string> | undefined;
  /** Entries on one page of a list. */
  pageSize: number;
}

/** An empty one with the project `shop-prod`, whose number is 123456789012. */
export function emptyState(): GcpState {
  return {
    projects: new Map([["shop-prod", "123456789012"]]),
    secrets: new Map(),
    parameters: new Map(),
    kmsKeys: new Map(),
    tokens: new Map(),
    accounts: new Map(),
    pools: new Map(),
    keys: new Map(),
    metadata: new Map(),
    readers: undefined,
    pageSize: 1_000,
  };
}
