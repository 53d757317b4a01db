import type { Config } from "../../config/config.ts";
import { valuesOf } from "../../config/values-of.ts";
import { gcpOptions } from "./options.ts";
import type { GcpPool } from "./types.ts";

/** How Google Cloud is reached, by the operator's word. */
export interface GcpHost {
  /** Project of refs that name none. */
  readonly project?: string | undefined;
  /** The pool that knows this cluster; absent: to be learnt. */
  readonly pool?: GcpPool | undefined;
  readonly cluster?: GcpCluster | undefined;
  /** File of a credential configuration. */
  readonly credentialsFile?: string | undefined;
  readonly metadataHost?: string | undefined;
  /** Domain of Google's services. */
  readonly universe?: string | undefined;
  /** Base URL of global services, with `{service}`. */
  readonly endpoint?: string | undefined;
  /** Base URL of the services of a region, with `{service}` and `{location}`. */
  readonly regionalEndpoint?: string | undefined;
  /** URL of the token exchange. */
  readonly stsUrl?: string | undefined;
  readonly caFile?: string | undefined;
  /** Whether the annotation of a service account is followed; default: it is. */
  readonly impersonation?: "annotation" | "none" | undefined;
}

/** The facts about this GKE cluster that need no metadata server. */
interface GcpCluster {
  readonly project?: string | undefined;
  readonly location?: string | undefined;
  readonly name?: string | undefined;
  /** Base of the URLs that clusters are known by. */
  readonly endpoint?: string | undefined;
}

/** Returns the operator's settings for the stores of Google Cloud. */
export function gcpHost(config: Config): GcpHost {
  const given = valuesOf(gcpOptions, config);
  return {
    project: given.gcpProject,
    pool: poolOf(given),
    cluster: {
      project: given.gcpClusterProject,
      location: given.gcpClusterLocation,
      name: given.gcpClusterName,
      endpoint: given.gcpClusterEndpoint,
    },
    credentialsFile: given.gcpCredentialsFile,
    metadataHost: given.gcpMetadataHost,
    universe: given.gcpUniverseDomain,
    endpoint: given.gcpEndpoint,
    regionalEndpoint: given.gcpRegionalEndpoint,
    stsUrl: given.gcpStsEndpoint,
    caFile: given.gcpCaBundle,
    impersonation: given.gcpImpersonation,
  };
}

function poolOf(given: {
  readonly gcpIdentityPool: string | undefined;
  readonly gcpIdentityProvider: string | undefined;
  readonly gcpWorkloadIdentityProvider: string | undefined;
}): GcpPool | undefined {
  const { gcpIdentityPool: id, gcpIdentityProvider: provider, gcpWorkloadIdentityProvider: resource } = given;
  if (resource !== undefined) return { kind: "federation", resource };
  return id !== undefined && provider !== undefined ? { kind: "cluster", id, provider } : undefined;
}
