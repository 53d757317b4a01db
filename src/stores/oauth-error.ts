import type { JsonObject } from "../formats/json.ts";

/** An error of an OAuth server, such as `invalid_grant`. */
export interface OauthError {
  readonly code: string;
  readonly description: string;
}

/**
 * The codes of token endpoints: https://www.rfc-editor.org/rfc/rfc6749#section-5.2 and 4.1.2.1,
 * https://www.rfc-editor.org/rfc/rfc8693#section-2.2.2, and those that Google, Microsoft Entra ID and Azure's metadata service add.
 */
const codes: ReadonlySet<string> = new Set([
  ...["invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type"],
  ...["invalid_scope", "access_denied", "unsupported_response_type", "server_error", "temporarily_unavailable"],
  "invalid_target",
  ...["admin_policy_enforced", "deleted_client", "disabled_client", "internal_failure", "org_internal"],
  ...["consent_required", "interaction_required", "interaction_throttled", "invalid_resource", "login_required"],
  ...["bad_request_102", "unknown_source"],
]);

/**
 * Returns the error that an OAuth server wrote; undefined for the JSON of anything else. Gateways say `{"error":"forbidden"}`
 * too: a code that token endpoints have and words beside it tell them apart.
 */
export function oauthErrorIn(object: JsonObject | undefined): OauthError | undefined {
  const code = object?.get("error");
  const description = object?.get("error_description");
  if (typeof code !== "string" || typeof description !== "string" || !codes.has(code)) return undefined;
  return { code, description };
}
