import type { HttpAnswer } from "../../http/message.ts";

/** The login that a vault asks for: https://learn.microsoft.com/en-us/azure/key-vault/general/authentication-requests-and-responses#authentication */
export interface Challenge {
  /** Where tokens are to come from: the vault's tenant is its path. */
  readonly authorization: string;
  /** The resource that tokens must be made for. */
  readonly resource: string;
}

/** Reads the challenge of an answer with status 401; undefined where it has none. */
export function challengeOf({ headers }: HttpAnswer): Challenge | undefined {
  const header = headers.get("www-authenticate") ?? "";
  if (!/^Bearer\s/i.test(header)) return undefined;
  const parts = new Map(
    [...header.slice(0, 4_096).matchAll(/\b([a-z_]+)="([^"]{0,1024})"/gi)].map(([, name = "", value = ""]) => [
      name.toLowerCase(),
      value,
    ]),
  );
  const authorization = parts.get("authorization") ?? parts.get("authorization_uri") ?? "";
  const resource = parts.get("resource") ?? (parts.get("scope") ?? "").replace(/\/\.default$/, "");
  return resource === "" ? undefined : { authorization, resource: resource.replace(/\/+$/, "") };
}

/** Returns the tenant that a challenge names; undefined for none. */
export function tenantOf({ authorization }: Challenge): string | undefined {
  const path = URL.canParse(authorization) ? new URL(authorization).pathname.split("/")[1] : undefined;
  return path === undefined || !/^[A-Za-z0-9.-]{1,253}$/.test(path) ? undefined : path;
}

/**
 * Decides whether a vault may have a token for a resource: its host is the resource's, or one below. Otherwise a server could
 * ask for a token that opens another (https://devblogs.microsoft.com/azure-sdk/guidance-for-applications-using-the-key-vault-libraries/).
 */
export function mayHave(host: string, resource: string): boolean {
  const named = URL.canParse(resource) ? new URL(resource).hostname.toLowerCase() : "";
  const own = host.toLowerCase();
  return named !== "" && (own === named || own.endsWith(`.${named}`));
}
