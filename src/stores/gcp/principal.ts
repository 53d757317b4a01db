import type { Identity } from "../store.ts";
import type { GcpPool } from "./types.ts";

/**
 * Returns a pod's principal as IAM policies have it (https://cloud.google.com/iam/docs/principal-identifiers); `number` is that of
 * the cluster's project, if it is known.
 */
export function principalOf(
  pool: GcpPool,
  { namespace, serviceAccount }: Pick<Identity, "namespace" | "serviceAccount">,
  number = "PROJECT_NUMBER",
): string {
  if (pool.kind === "cluster") {
    const base = `principal://iam.googleapis.com/projects/${number}/locations/global/workloadIdentityPools/${pool.id}`;
    return `${base}/subject/ns/${namespace}/sa/${serviceAccount}`;
  }
  const base = pool.resource.replace(/^\/\//, "principal://").replace(/\/providers\/[^/]*$/, "");
  return `${base}/subject/system:serviceaccount:${namespace}:${serviceAccount}`;
}

/** Returns the member that may act as a service account, as its own policy has it. */
export function workloadMemberOf(
  pool: GcpPool,
  identity: Pick<Identity, "namespace" | "serviceAccount">,
  number?: string,
): string {
  const { namespace, serviceAccount } = identity;
  return pool.kind === "cluster"
    ? `serviceAccount:${pool.id}[${namespace}/${serviceAccount}]`
    : principalOf(pool, identity, number);
}
