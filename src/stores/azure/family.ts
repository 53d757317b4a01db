import { createHttpClient } from "../../http/client.ts";
import type { StoreHost } from "../host.ts";
import type { Lookup, Store } from "../store.ts";
import { azureCloud } from "./clouds.ts";
import { readEnvironment } from "./environment.ts";
import type { AzureHost } from "./host.ts";
import { KeptTokens } from "./kept-tokens.ts";
import { bindingAudience, clientAnnotation, entraAudience, tenantAnnotation } from "./principal.ts";
import { checkOperators } from "./refusal.ts";
import { TokenProxy } from "./token-proxy.ts";
import type { AzureAsked, AzureSettings } from "./types.ts";
import { VaultBackOff } from "./vault-back-off.ts";
import { type AzureWay, vaultUrl } from "./way.ts";

/** The part that all Azure stores have in common. */
export interface AzureFamily
  extends Pick<
    Store<AzureSettings, AzureAsked>,
    | "isLocal"
    | "endpoint"
    | "place"
    | "audience"
    | "scope"
    | "effect"
    | "proof"
    | "needs"
    | "shutdown"
    | "checkOperators"
  > {
  readonly way: AzureWay;
  /** Most requests that one session has under way. */
  readonly concurrency: number;
}

/** Makes the way to Azure. Throws `LK0020` for an environment file that cannot be used. */
export async function createAzureFamily(host: StoreHost, azure: AzureHost = {}): Promise<AzureFamily> {
  const way = await createWay(host, azure);
  return {
    way,
    concurrency: host.concurrency,
    isLocal: () => false,
    endpoint: (settings) => placeOf(settings, way),
    place: (settings) => placeOf(settings, way),
    audience: ({ identity }) => {
      if (identity.by === "workloadIdentity") return { name: entraAudience(azure), chosen: true };
      return identity.by === "identityBinding" ? { name: bindingAudience, chosen: true } : undefined;
    },
    scope: () => "serviceAccount",
    effect: () => "read",
    proof: ({ identity }) => (identity.by === "servicePrincipal" ? "credentials" : "token"),
    needs,
    checkOperators: (settings, namespace) => checkOperators(settings, namespace, way),
    shutdown: async () => {
      for (const client of [way.http, way.node, way.tokenProxy]) client.close();
    },
  };
}

async function createWay(host: StoreHost, azure: AzureHost): Promise<AzureWay> {
  const { proxies, warn } = host;
  return {
    host: azure,
    environment: azure.environmentFile === undefined ? undefined : await readEnvironment(azure.environmentFile),
    // Addresses are Azure's own or the operator's, so the address policy has no say.
    http: createHttpClient({ tls: { caFile: azure.caFile }, proxies, warn }),
    node: createHttpClient(),
    tokenProxy: new TokenProxy(azure, warn),
    tokens: new KeptTokens(),
    backOff: new VaultBackOff(),
  };
}

/** A vault and what logs in to it: what fails for one identity's way there need not for another's. */
function placeOf(settings: AzureSettings, way: AzureWay): string {
  const cloud = azureCloud(settings.cloud, way.environment);
  const url = cloud === undefined ? `${settings.vault} in ${settings.cloud}` : vaultUrl(settings, cloud, way);
  return settings.identity.by === "managedIdentity" ? `${url} with the node's managed identity` : url;
}

function needs({ tenant, identity }: AzureSettings): readonly Lookup[] {
  const needsClient = identity.by === "workloadIdentity" && identity.clientId === undefined;
  const needsTenant = identity.by !== "managedIdentity" && tenant === undefined;
  return [
    ...(needsClient ? [lookup(clientAnnotation, "clientId")] : []),
    ...(needsTenant ? [lookup(tenantAnnotation, "tenant")] : []),
  ];
}

function lookup(name: string, setting: string): Lookup {
  return { kind: "serviceAccountAnnotation", name, instead: `name the ${setting} in the SecretProviderClass` };
}
