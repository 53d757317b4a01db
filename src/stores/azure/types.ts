/** How to reach one vault as one principal of Microsoft Entra ID. */
export interface AzureSettings {
  /** Name of the vault, as in `https://<vault>.vault.azure.net`. */
  readonly vault: string;
  readonly cloud: AzureCloudName;
  /** Id or domain of the tenant; absent: the service account's annotation says it. */
  readonly tenant?: string | undefined;
  readonly identity: AzureIdentity;
}

/** How the pod's identity becomes a principal. */
export type AzureIdentity =
  /** The pod's token is exchanged; without a client id the service account's annotation says it. */
  | { readonly by: "workloadIdentity"; readonly clientId?: string | undefined }
  /** The same through the token proxy of an AKS identity binding. */
  | { readonly by: "identityBinding"; readonly clientId: string }
  /** A client secret in the pod's nodePublishSecretRef. */
  | { readonly by: "servicePrincipal" }
  /** The node's own; without a client id the one that the system assigned. */
  | {
      readonly by: "managedIdentity";
      readonly clientId?: string | undefined;
      /** The operator's own settings ask for it, so no list of namespaces is looked at. */
      readonly isOperators?: true;
    };

/** The clouds by the names that Azure's own tools have for them. `AzureStackCloud` is the one of the operator's file. */
export type AzureCloudName =
  | "AzurePublicCloud"
  | "AzureUSGovernmentCloud"
  | "AzureChinaCloud"
  | "AzureGermanCloud"
  | "AzureStackCloud";

/** The kinds of objects in a vault. */
export type AzureObjectType = "secret" | "key" | "certificate";

/** One object of a vault, in one version. */
export interface AzureRef {
  readonly type: AzureObjectType;
  readonly name: string;
  /** Absent: the newest one. */
  readonly version?: string | undefined;
  /** So many enabled versions before the newest one, or before `since`; excludes `version`. */
  readonly back?: number | undefined;
  /** The version that `back` counts from. */
  readonly since?: string | undefined;
}

/** Several versions of one object as one ref. */
export interface AzureTogether {
  readonly refs: readonly { readonly ref: AzureRef; readonly optional: boolean }[];
}

/** All objects of a type whose names begin so and that have all of these tags. */
export interface AzureSearch {
  readonly type: AzureObjectType;
  readonly prefix: string;
  /** In the order of their keys. */
  readonly tags: readonly (readonly [key: string, value: string])[];
}

/** A key that is wrapped by one in a vault. */
export interface AzureWrappedKey {
  /** Base URL of the vault, as whoever wrapped it knows it. */
  readonly vaultUrl: string;
  readonly key: string;
  /** Absent: the newest version. */
  readonly version?: string | undefined;
  /** Base64url, without padding. */
  readonly wrapped: string;
}

/** Anything that a session reads. */
export type AzureAsked = AzureRef | AzureTogether | AzureSearch | AzureWrappedKey;
