import { randomBytes } from "node:crypto";
import type { Answer, RecordedRequest } from "./scripted.ts";

/** An application, and who may log in as it. */
interface Client {
  readonly secret?: string;
  readonly federated: readonly { readonly subject: string; readonly audience: string }[];
}

/** A token that was given. */
interface Given {
  readonly clientId: string;
  readonly resource: string;
  readonly endsAt: number;
}

/** The token endpoint of a tenant (https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-client-creds-grant-flow), and managed identities. */
export class FakeLogin {
  readonly tenant: string;
  /** Seconds that tokens live. */
  life = 3_600;
  /** The cloud's base URL, which it calls itself by. */
  authority = "https://login.microsoftonline.com";
  readonly #clients = new Map<string, Client>();
  readonly #managed = new Map<string, string>();
  readonly #given = new Map<string, Given>();

  constructor(tenant: string) {
    this.tenant = tenant;
  }

  /** Lets a service account's tokens log in as a client. */
  federate(clientId: string, subject: string, audience = "api://AzureADTokenExchange"): void {
    const known = this.#clients.get(clientId) ?? { federated: [] };
    this.#clients.set(clientId, { ...known, federated: [...known.federated, { subject, audience }] });
  }

  /** Gives a client a secret. */
  secret(clientId: string, secret: string): void {
    const known = this.#clients.get(clientId) ?? { federated: [] };
    this.#clients.set(clientId, { ...known, secret });
  }

  /** Gives the node a managed identity; `""` is the one that the system assigned. */
  assign(asked: string, clientId = asked): void {
    this.#managed.set(asked, clientId);
  }

  /** Ends all tokens. */
  revoke(): void {
    this.#given.clear();
  }

  /** Whose a token is, if it is good for a resource. */
  clientOf(token: string, resource: string): string | undefined {
    const given = this.#given.get(token);
    return given !== undefined && given.resource === resource && given.endsAt > Date.now() ? given.clientId : undefined;
  }

  token({ method, path, body }: RecordedRequest): Answer {
    const form = new URLSearchParams(body);
    const tenant = path.split("/")[2] ?? "";
    if (method === "GET" && path.endsWith("/.well-known/openid-configuration"))
      return discovery(this.authority, tenant);
    if (method !== "POST") return { status: 404 };
    if (tenant !== this.tenant) return refused(90002, `Tenant '${tenant}' not found.`, "invalid_request");
    const clientId = form.get("client_id") ?? "";
    const client = this.#clients.get(clientId);
    if (client === undefined) return refused(700016, `Application with identifier '${clientId}' was not found.`);
    const refusal = form.has("client_assertion") ? assertionFault(form, client) : secretFault(form, client);
    if (refusal !== undefined) return refusal;
    const scope = form.get("scope") ?? "";
    if (!scope.endsWith("/.default"))
      return refused(70011, "The provided value for scope is not valid.", "invalid_scope");
    const given = this.#give(clientId, scope.slice(0, -"/.default".length));
    return { body: { token_type: "Bearer", expires_in: this.life, ext_expires_in: this.life, access_token: given } };
  }

  managed({ path, query, headers }: RecordedRequest): Answer {
    if (headers.metadata !== "true" || path !== "/imds/metadata/identity/oauth2/token") {
      return {
        status: 400,
        body: { error: "invalid_request", error_description: "Required metadata header not specified" },
      };
    }
    const clientId = this.#managed.get(query.get("client_id") ?? "");
    if (clientId === undefined) {
      return { status: 400, body: { error: "invalid_request", error_description: "Identity not found" } };
    }
    const token = this.#give(clientId, query.get("resource") ?? "");
    const endsOn = Math.floor(Date.now() / 1_000) + this.life;
    return {
      body: { access_token: token, expires_in: String(this.life), expires_on: String(endsOn), token_type: "Bearer" },
    };
  }

  #give(clientId: string, resource: string): string {
    const token = `CANARY-access-${randomBytes(12).toString("hex")}`;
    this.#given.set(token, { clientId, resource, endsAt: Date.now() + this.life * 1_000 });
    return token;
  }
}

/** The document that Microsoft's own clients read before they log in (https://openid.net/specs/openid-connect-discovery-1_0.html). */
function discovery(authority: string, tenant: string): Answer {
  const base = `${authority}/${tenant}`;
  return {
    body: {
      issuer: `${base}/v2.0`,
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      token_endpoint: `${base}/oauth2/v2.0/token`,
      jwks_uri: `${base}/discovery/v2.0/keys`,
    },
  };
}

function assertionFault(form: URLSearchParams, { federated }: Client): Answer | undefined {
  const claims = claimsOf(form.get("client_assertion") ?? "");
  if (claims === undefined) return refused(50027, "JWT token is invalid or malformed.");
  const audiences = [claims.aud ?? []].flat();
  if (federated.some(({ subject, audience }) => subject === claims.sub && audiences.includes(audience)))
    return undefined;
  return refused(
    700213,
    `No matching federated identity record found for presented assertion subject '${claims.sub}'.`,
  );
}

function secretFault(form: URLSearchParams, { secret }: Client): Answer | undefined {
  return form.get("client_secret") === secret && secret !== undefined
    ? undefined
    : refused(7000215, "Invalid client secret provided. Ensure the secret being sent is the client secret value.");
}

/** Nobody checks the signature here: what a pod's token proves is tried with a cluster's keys elsewhere. */
function claimsOf(token: string): { readonly sub?: string; readonly aud?: string | readonly string[] } | undefined {
  try {
    return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
  } catch {
    return undefined;
  }
}

/** An error of the token endpoint, in its form. */
export function refused(code: number, description: string, error = "invalid_client", status = 401): Answer {
  const error_description = `AADSTS${code}: ${description} Trace ID: t Correlation ID: c Timestamp: 2026-01-01 00:00:00Z`;
  return { status, body: { error, error_description, error_codes: [code], trace_id: "t", correlation_id: "c" } };
}
