import { ProviderError } from "../../errors.ts";
import type { Redacted } from "../../redacted.ts";
import { Redacted as Hidden } from "../../redacted.ts";
import { tokenFor } from "../service-account-token.ts";
import type { OpenRequest } from "../store.ts";
import type { AzureHost } from "./host.ts";
import type { AzureSettings } from "./types.ts";
import type { AzureWay } from "./way.ts";

/** The audience of the pods' tokens for Microsoft Entra ID (https://learn.microsoft.com/en-us/entra/workload-id/workload-identity-federation). */
export function entraAudience({ audience = "api://AzureADTokenExchange" }: AzureHost): string {
  return audience;
}

/** The audience of the pods' tokens for an AKS identity binding. */
export const bindingAudience = "api://AKSIdentityBinding";

/** The annotations by which AKS names a service account's identity (https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html). */
export const clientAnnotation = "azure.workload.identity/client-id";

/** The one for its tenant. */
export const tenantAnnotation = "azure.workload.identity/tenant-id";

/** The account of Microsoft Entra ID that a pod acts as, and what proves that it may. */
export type Principal = {
  /** Empty for a managed identity that the system assigned. */
  readonly clientId: string;
  /** Empty for a managed identity: it has that of the node. */
  readonly tenant: string;
  /** Who asks, in Kubernetes' words. */
  readonly subject: string;
} & (
  | {
      readonly by: "workloadIdentity" | "identityBinding";
      readonly assertion: Redacted<string>;
      readonly audience: string;
    }
  | { readonly by: "servicePrincipal"; readonly secret: Redacted<string> }
  | { readonly by: "managedIdentity" }
);

/** Returns whom the pod acts as. Throws `LK0011`, `LK0014`, `LK0016`. */
export function clientOf(request: OpenRequest<AzureSettings>, { host }: AzureWay): Principal {
  const { settings, identity } = request;
  const subject = `system:serviceaccount:${identity.namespace}:${identity.serviceAccount}`;
  const how = settings.identity;
  if (how.by === "managedIdentity") return { by: how.by, clientId: how.clientId ?? "", tenant: "", subject };
  const tenant = tenantOf(request);
  if (how.by === "servicePrincipal") {
    const [clientId, secret] = ["clientid", "clientsecret"].map((name) => credential(request, name));
    return { by: how.by, clientId: clientId ?? "", tenant, subject, secret: new Hidden(secret ?? "") };
  }
  const audience = how.by === "identityBinding" ? bindingAudience : entraAudience(host);
  const clientId = how.clientId ?? annotated(request, clientAnnotation, "clientId");
  return { by: how.by, clientId, tenant, subject, audience, assertion: tokenFor(identity, audience) };
}

function tenantOf(request: OpenRequest<AzureSettings>): string {
  return request.settings.tenant ?? annotated(request, tenantAnnotation, "tenant");
}

/** A value of the service account's; it becomes part of a request, so it may be nothing but an id or a domain. */
function annotated({ found, identity }: OpenRequest<AzureSettings>, name: string, setting: string): string {
  const value = (found.get(name) ?? "").trim();
  if (/^[A-Za-z0-9.-]{1,253}$/.test(value)) return value;
  const account = `${identity.namespace}/${identity.serviceAccount}`;
  throw new ProviderError("LK0014", `service account ${account} names no ${setting} of Microsoft Entra ID`, {
    fix: `annotate it with ${name}, or set ${setting}`,
  });
}

/** Key names are taken in any case, as today's provider takes them. */
function credential({ identity: { credentials } }: OpenRequest<AzureSettings>, name: string): string {
  const all = credentials?.reveal() ?? new Map<string, string>();
  const value = [...all].find(([key]) => key.toLowerCase() === name)?.[1].trim() ?? "";
  if (value !== "") return value;
  const message =
    all.size === 0
      ? "no identity is known: clientID is not set, and the pod has no nodePublishSecretRef"
      : `the Secret of nodePublishSecretRef has no ${name}`;
  throw new ProviderError("LK0016", message, {
    fix: `set clientID for workload identity, or put clientid and clientsecret into the Secret that the pod's nodePublishSecretRef names`,
  });
}
