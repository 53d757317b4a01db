import { ProviderError } from "../../errors.ts";
import type { AzureSettings } from "./types.ts";
import { type AzureWay, cloudOf } from "./way.ts";

/**
 * Checks what the operator's settings decide about settings of a pod in a namespace, before anybody is asked. Throws `LK0021` for a
 * managed identity that the namespace may not use, `LK0020` for a cloud that nobody described.
 */
export function checkOperators(settings: AzureSettings, namespace: string, way: AzureWay): void {
  cloudOf(settings, way);
  const { identity } = settings;
  if (identity.by === "managedIdentity" && identity.isOperators !== true) checkManaged(namespace, way);
}

function checkManaged(namespace: string, { host: { managedIdentity = [] } }: AzureWay): void {
  if (managedIdentity.includes("*") || managedIdentity.includes(namespace)) return;
  throw new ProviderError("LK0021", `pods of the namespace ${namespace} may not use a managed identity of the node`, {
    fix: `use workload identity (clientID), which is the pod's own; or have the operator start Latchkey with --azure-managed-identity ${namespace}`,
  });
}
