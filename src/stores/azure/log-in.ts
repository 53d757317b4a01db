import { createHash } from "node:crypto";
import type { CallContext, OpenRequest } from "../store.ts";
import type { AccessToken } from "./kept-tokens.ts";
import { askLoginService } from "./login-service.ts";
import { askIdentityService } from "./managed-identity.ts";
import { clientOf, type Principal } from "./principal.ts";
import { checkOperators } from "./refusal.ts";
import type { AzureSettings } from "./types.ts";
import { type AzureWay, cloudOf } from "./way.ts";

/** A logged-in principal: whose the tokens are, and how to get one for a resource. */
export interface AzureLogin {
  readonly principal: Principal;
  /** A token for a resource. Throws `LK0032` refused, `LK0030`, `LK0031`, `LK0036`. */
  token(resource: string, context: CallContext): Promise<AccessToken>;
  /** Forgets a token that a vault refused or that may lack a new right. */
  drop(resource: string, token: AccessToken): void;
}

/**
 * Prepares the login of the pod's principal. Throws `LK0011` without a token, `LK0014` without a client id or tenant,
 * `LK0016` without a client secret, and what `checkOperators` says.
 */
export function logIn(request: OpenRequest<AzureSettings>, way: AzureWay): AzureLogin {
  checkOperators(request.settings, request.identity.namespace, way);
  const cloud = cloudOf(request.settings, way);
  const principal = clientOf(request, way);
  const ask = (resource: string, context: CallContext) =>
    principal.by === "managedIdentity"
      ? askIdentityService(principal, resource, context, way)
      : askLoginService(principal, { login: cloud.login, resource }, context, way);
  // An unproved identity shares nothing.
  const isKept = request.identity.proved;
  const keyOf = (resource: string) => keyOfToken(request, principal, [cloud.login, resource]);
  return {
    principal,
    token: async (resource, context) =>
      isKept
        ? await way.tokens.get(keyOf(resource), context.signal, () => ask(resource, context))
        : await ask(resource, context),
    drop: (resource, token) => way.tokens.drop(keyOf(resource), token),
  };
}

/** Everything that a token hangs on. The secrets are in it as digests: whoever has another one is somebody else. */
function keyOfToken({ identity }: OpenRequest<AzureSettings>, principal: Principal, more: readonly string[]): string {
  const { namespace, serviceAccount, serviceAccountUid = "" } = identity;
  const secret = principal.by === "servicePrincipal" ? principal.secret.reveal() : "";
  const parts = [
    namespace,
    serviceAccount,
    serviceAccountUid,
    principal.by,
    principal.clientId,
    principal.tenant,
    secret,
  ];
  return createHash("sha256")
    .update(JSON.stringify([...parts, ...more]))
    .digest("base64url");
}
