import { ProviderError } from "../../errors.ts";
import type { CallContext } from "../store.ts";
import type { AccessToken } from "./kept-tokens.ts";
import { isFromLogin, type LoginAttempt, refusedLogin } from "./login-errors.ts";
import type { Principal } from "./principal.ts";
import { objectOf, tokenOf } from "./token-answer.ts";
import type { AzureWay } from "./way.ts";

/** Where the token is asked for, and for which resource. */
interface Target {
  /** Base URL of the cloud's login service. */
  readonly login: string;
  readonly resource: string;
}

type Client = Exclude<Principal, { readonly by: "managedIdentity" }>;

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/**
 * Exchanges the pod's token, or a client secret, for an access token by one request
 * (https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-client-creds-grant-flow). Throws `LK0032` refused,
 * `LK0036`, and what the way there gives.
 */
export async function askLoginService(
  client: Client,
  { login, resource }: Target,
  { signal, count }: CallContext,
  way: AzureWay,
): Promise<AccessToken> {
  const attempt = attemptOf(client);
  const base = new URL(client.by === "identityBinding" ? proxyUrl(way) : login);
  const isBinding = client.by === "identityBinding";
  const answer = await (isBinding ? way.tokenProxy : way.http)
    .send({
      method: "POST",
      origin: base.origin,
      path: `${base.pathname.replace(/\/$/, "")}${tokenPath(client.tenant)}`,
      headers: {
        accept: "application/json",
        "content-type": "application/x-www-form-urlencoded",
        // The proxy passes the request on by its name.
        ...(isBinding ? { host: new URL(login).host } : {}),
      },
      body: formOf(client, `${resource}/.default`),
      signal,
      // A second token does no harm.
      resend: true,
      onSend: () => count("login"),
    })
    .catch((thrown: unknown) => {
      throw thrown instanceof ProviderError ? thrown.with({ login: true }) : thrown;
    });
  const object = objectOf(answer);
  if (answer.status !== 200 || object === undefined || !isFromLogin(answer, object)) {
    throw refusedLogin(answer, object, attempt);
  }
  return tokenOf(object, "Microsoft Entra ID", Date.now());
}

/** AD FS has no tenants and another path (https://learn.microsoft.com/en-us/windows-server/identity/ad-fs/overview/ad-fs-openid-connect-oauth-flows-scenarios). */
function tokenPath(tenant: string): string {
  return tenant.toLowerCase() === "adfs" ? "/adfs/oauth2/token" : `/${encodeURIComponent(tenant)}/oauth2/v2.0/token`;
}

function formOf(client: Client, scope: string): string {
  const proof =
    client.by === "servicePrincipal"
      ? { client_secret: client.secret.reveal() }
      : { client_assertion_type: assertionType, client_assertion: client.assertion.reveal() };
  return new URLSearchParams({
    grant_type: "client_credentials",
    client_id: client.clientId,
    scope,
    ...proof,
  }).toString();
}

function attemptOf(client: Client): LoginAttempt {
  const { clientId, tenant, subject } = client;
  return {
    ...{ clientId, tenant, subject },
    what: `the login of ${clientId} in tenant ${tenant}`,
    audience: client.by === "servicePrincipal" ? "" : client.audience,
    secrets: [client.by === "servicePrincipal" ? client.secret.reveal() : client.assertion.reveal()],
  };
}

/** Nobody comes here whose operator has not said what the proxy is called. */
function proxyUrl({ host: { tokenProxy = {} } }: AzureWay): string {
  return tokenProxy.url ?? "https://kubernetes.default.svc.cluster.local";
}
