import type { TogetherRef } from "../together.ts";

/** How to reach Google Cloud as one identity. */
export interface GcpSettings {
  /** Of refs that name none; absent: the operator's, or the cluster's own. */
  readonly project?: string | undefined;
  /** `global`, or a region whose endpoint is asked. */
  readonly location: string;
  readonly identity: GcpIdentity;
}

/** On whose behalf secrets are read. */
export type GcpIdentity =
  | PodIdentity
  /** The key file that the pod brings by nodePublishSecretRef. */
  | { readonly by: "keyFile" }
  /** Latchkey's own credentials; only where the operator allows it. */
  | { readonly by: "provider"; readonly keyFile: "ignored" | "refused" };

/** The pod's token, exchanged for a federated one. */
export interface PodIdentity {
  readonly by: "pod";
  readonly impersonate: Impersonation;
  /** Absent: the operator's, or the cluster's own. */
  readonly pool?: GcpPool | undefined;
  /** The meaning of a key file of nodePublishSecretRef: nothing, the login instead of the token, or an error. */
  readonly keyFile: "ignored" | "preferred" | "refused";
}

/** The service account that the federated token is exchanged for. */
export type Impersonation =
  /** The one that the Kubernetes service account's annotation names, if it does. */
  | { readonly by: "annotation" }
  /** This one, through these others. */
  | { readonly by: "account"; readonly account: string; readonly delegates: readonly string[] }
  /** None: the federated token is used itself. */
  | { readonly by: "nobody" };

/** Where Google looks up who a token is of. */
export type GcpPool =
  /** The identity namespace of a GKE cluster or fleet (`PROJECT.svc.id.goog`), and the cluster as its provider. */
  | { readonly kind: "cluster"; readonly id: string; readonly provider: string }
  /** `//iam.googleapis.com/projects/N/locations/global/workloadIdentityPools/POOL/providers/PROVIDER` */
  | { readonly kind: "federation"; readonly resource: string };

/** The services whose resources are read. */
export type GcpService = "secretmanager" | "parametermanager" | "cloudkms";

/** One version of a secret. */
export interface GcpSecretRef {
  readonly service: "secretmanager";
  readonly project?: string | undefined;
  readonly secret: string;
  /** A number, `latest`, or an alias. */
  readonly version: string;
  /** The version before the one that `version` names. */
  readonly previous?: true;
}

/** One version of a parameter. */
export interface GcpParameterRef {
  readonly service: "parametermanager";
  readonly project?: string | undefined;
  readonly parameter: string;
  /** Absent: the newest one that is not disabled. */
  readonly version?: string | undefined;
}

/** A key that is wrapped by one of the key service. */
export interface GcpKeyRef {
  readonly service: "cloudkms";
  /** `projects/P/locations/L/keyRings/R/cryptoKeys/K` */
  readonly key: string;
  /** Base64. */
  readonly ciphertext: string;
}

/** One secret or parameter. */
export type GcpRef = GcpSecretRef | GcpParameterRef;

/** All secrets, or all parameters, whose names begin so and that have all of these labels. */
export interface GcpSearch<S extends Exclude<GcpService, "cloudkms"> = Exclude<GcpService, "cloudkms">> {
  readonly service: S;
  readonly prefix: string;
  /** In the order of their keys. */
  readonly labels: readonly (readonly [key: string, value: string])[];
}

/** The latest version of a secret and the one before it, as one ref. */
export interface GcpTogether {
  readonly service: "secretmanager";
  readonly refs: readonly TogetherRef<GcpSecretRef>[];
}

/** Anything that a session reads. */
export type GcpAsked = GcpRef | GcpSearch | GcpTogether | GcpKeyRef;
