import { randomUUID } from "node:crypto";
import { decodeJwt, importSPKI, jwtVerify } from "jose";
import type { Answer, RecordedRequest } from "../scripted.ts";
import { googleError, oauthError } from "./errors.ts";
import type { GcpState } from "./state.ts";

/** The beginning of every token that is given, so that a test can look for it. */
const tokenMark = "ya29.CANARY-token";

/** Seconds that a token lives. */
const life = 3_599;

/** Makes a token for a principal. */
export function tokenFor(state: GcpState, principal: string): string {
  const token = `${tokenMark}-${randomUUID()}`;
  state.tokens.set(token, principal);
  return token;
}

/** Returns who a request is of, by its bearer token. */
export function callerOf({ headers }: RecordedRequest, state: GcpState): string | undefined {
  const [, token] = /^Bearer (.+)$/.exec(headers.authorization ?? "") ?? [];
  return token === undefined ? undefined : state.tokens.get(token);
}

/** The fields of a JSON body or of a form; Google's token service takes both, and both spellings. */
function fieldsOf({ headers, body }: RecordedRequest): ReadonlyMap<string, unknown> {
  const isForm = /urlencoded/.test(headers["content-type"] ?? "");
  const entries = isForm ? [...new URLSearchParams(body)] : Object.entries(JSON.parse(body) as object);
  return new Map(
    entries.map(([name, value]) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value]),
  );
}

const exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
const accessToken = "urn:ietf:params:oauth:token-type:access_token";
const jwt = "urn:ietf:params:oauth:token-type:jwt";

/** https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token */
export function exchangeToken(request: RecordedRequest, state: GcpState): Answer {
  if (request.headers.authorization !== undefined)
    return oauthError("invalid_request", "Unexpected authorization header.");
  const fields = fieldsOf(request);
  if (fields.get("grant_type") !== exchange) return oauthError("unsupported_grant_type", "Invalid grant type.");
  if (fields.get("requested_token_type") !== accessToken)
    return oauthError("invalid_request", "Invalid requested token type.");
  if (fields.get("subject_token_type") !== jwt) return oauthError("invalid_request", "Invalid subject token type.");
  if (!String(fields.get("scope") ?? "").includes("cloud-platform"))
    return oauthError("invalid_scope", "Invalid scope.");
  const audience = String(fields.get("audience") ?? "");
  const wanted = state.pools.get(audience);
  if (wanted === undefined) {
    return oauthError("invalid_target", "The target service indicated by the audience parameters is invalid.");
  }
  const claims = claimsOf(String(fields.get("subject_token") ?? ""));
  if (claims === undefined) return oauthError("invalid_grant", "Unable to parse the subject token.");
  if (![claims.aud].flat().includes(wanted))
    return oauthError("invalid_grant", `The audience in ID Token does not match the expected audience ${wanted}.`);
  if ((claims.exp ?? 0) * 1_000 < Date.now())
    return oauthError("invalid_grant", "ID Token issued at is stale to sign-in.");
  const token = tokenFor(state, memberOf(audience, String(claims.sub)));
  return { body: { access_token: token, issued_token_type: accessToken, token_type: "Bearer", expires_in: life } };
}

function claimsOf(token: string) {
  try {
    return decodeJwt(token);
  } catch {
    return undefined;
  }
}

/** The member that IAM policies know a pod by. */
function memberOf(audience: string, subject: string): string {
  const [, pool] = /^identitynamespace:([^:]+):/.exec(audience) ?? [];
  const [, namespace, account] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(subject) ?? [];
  return pool === undefined ? `${audience} ${subject}` : `serviceAccount:${pool}[${namespace}/${account}]`;
}

/** https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateAccessToken */
export function generateAccessToken(request: RecordedRequest, account: string, state: GcpState): Answer {
  const caller = callerOf(request, state);
  if (caller === undefined) return unauthenticated;
  const { scope, delegates = [] } = JSON.parse(request.body) as { scope?: unknown; delegates?: readonly string[] };
  if (!Array.isArray(scope) || scope.length === 0) return googleError("INVALID_ARGUMENT", "Scope is required.");
  const chain = [...delegates.map((name) => name.replace("projects/-/serviceAccounts/", "")), account];
  let asker = caller;
  for (const next of chain) {
    const allowed = state.accounts.get(next);
    if (allowed === undefined) return googleError("NOT_FOUND", `Not found; Gaia id not found for email ${next}`);
    if (!allowed.has(asker)) {
      return googleError(
        "PERMISSION_DENIED",
        "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).",
        {
          reason: "IAM_PERMISSION_DENIED",
          metadata: { permission: "iam.serviceAccounts.getAccessToken" },
        },
      );
    }
    asker = `serviceAccount:${next}`;
  }
  return {
    body: { accessToken: tokenFor(state, asker), expireTime: new Date(Date.now() + life * 1_000).toISOString() },
  };
}

/** https://developers.google.com/identity/protocols/oauth2/service-account#httprest */
export async function oauthToken(request: RecordedRequest, state: GcpState): Promise<Answer> {
  const fields = fieldsOf(request);
  const grant = fields.get("grant_type");
  if (grant === "refresh_token") {
    if (fields.get("refresh_token") !== "CANARY-refresh") return oauthError("invalid_grant", "Bad Request");
    return { body: { access_token: tokenFor(state, "user:dev@example.com"), expires_in: life, token_type: "Bearer" } };
  }
  if (grant !== "urn:ietf:params:oauth:grant-type:jwt-bearer")
    return oauthError("unsupported_grant_type", "Invalid grant_type");
  const assertion = String(fields.get("assertion") ?? "");
  const email = String(claimsOf(assertion)?.iss ?? "");
  const key = state.keys.get(email);
  if (key === undefined) return oauthError("invalid_grant", "Invalid grant: account not found");
  const verified = await jwtVerify(assertion, await importSPKI(key, "RS256")).catch(() => undefined);
  if (verified === undefined) return oauthError("invalid_grant", "Invalid JWT Signature.");
  return { body: { access_token: tokenFor(state, `serviceAccount:${email}`), expires_in: life, token_type: "Bearer" } };
}

/** The answer to a token that is none. */
export const unauthenticated: Answer = googleError(
  "UNAUTHENTICATED",
  "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.",
  { reason: "ACCESS_TOKEN_TYPE_UNSUPPORTED" },
);

/** https://cloud.google.com/compute/docs/metadata/querying-metadata */
export function readMetadata(request: RecordedRequest, path: string, state: GcpState): Answer {
  const headers = { "metadata-flavor": "Google", server: "Metadata Server for VM" };
  if (request.headers["metadata-flavor"] !== "Google")
    return { status: 403, headers, body: "Missing Metadata-Flavor:Google header." };
  if (path === "instance/service-accounts/default/token") {
    const email = state.metadata.get("instance/service-accounts/default/email");
    if (email === undefined) return { status: 404, headers, body: "not found" };
    const token = tokenFor(state, `serviceAccount:${email}`);
    return {
      headers: { ...headers, "content-type": "application/json" },
      body: { access_token: token, expires_in: life, token_type: "Bearer" },
    };
  }
  const value = state.metadata.get(path);
  return value === undefined
    ? { status: 404, headers, body: "not found" }
    : { headers: { ...headers, "content-type": "application/text" }, body: value };
}
