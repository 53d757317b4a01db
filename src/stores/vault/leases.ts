import { ProviderError } from "../../errors.ts";
import { isJsonObject, JsonNumber, type JsonObject } from "../../formats/json.ts";
import type { Redacted } from "../../redacted.ts";
import type { Lease, RenewedLease } from "../lease.ts";
import type { CallContext } from "../store.ts";
import type { VaultCall, VaultClient } from "./client.ts";
import { isSuccess } from "./complaint.ts";
import { leaseError, renewError, revokeError } from "./lease-errors.ts";
import { parseResponse } from "./response.ts";
import type { VaultSettings } from "./types.ts";

/** One token, and how its server is asked. */
export interface TokenCaller {
  readonly client: VaultClient;
  readonly settings: VaultSettings;
  readonly token: Redacted<string>;
}

/**
 * Renews a token by itself; returns its `auth`, if the answer has one.
 * https://developer.hashicorp.com/vault/api-docs/auth/token#renew-a-token-self
 */
export async function renewToken(caller: TokenCaller, context: CallContext): Promise<JsonObject | undefined> {
  const { client, settings, token } = caller;
  const call = { path: "/v1/auth/token/renew-self", namespace: settings.namespace, body: "{}" };
  const answer = await client(asToken(caller, call, context, "renew"));
  if (!isSuccess(answer)) throw renewError(answer, settings, token.reveal());
  const auth = parseResponse(answer.body)?.get("auth");
  return isJsonObject(auth) ? auth : undefined;
}

/**
 * Renews a lease for as long as it was given at first. Throws `LK0033` where the token may not, `LK0034` where the server
 * does not know it any more. https://developer.hashicorp.com/vault/api-docs/system/leases#renew-lease
 */
export async function renewLease(caller: TokenCaller, lease: Lease, context: CallContext): Promise<RenewedLease> {
  const { client, settings, token } = caller;
  const body = JSON.stringify({ lease_id: lease.id.reveal() });
  const call = { path: "/v1/sys/leases/renew", namespace: lease.part ?? settings.namespace, body };
  const sentAt = Date.now();
  const answer = await client(asToken(caller, call, context, "renew"));
  if (!isSuccess(answer)) throw leaseError(answer, settings, [token.reveal(), lease.id.reveal()]);
  const response = parseResponse(answer.body);
  const seconds = response?.get("lease_duration");
  if (!(seconds instanceof JsonNumber)) {
    throw new ProviderError("LK0036", "the server's answer to a renewal has no lease_duration", {
      fix: "check that the address is a Vault or OpenBao server",
    });
  }
  return { expiresAt: sentAt + Number(seconds.text) * 1_000, renewable: response?.get("renewable") === true };
}

/** Ends a token with all that it made. https://developer.hashicorp.com/vault/api-docs/auth/token#revoke-a-token-self */
export async function revokeToken(caller: TokenCaller, context: CallContext): Promise<void> {
  const { client, settings, token } = caller;
  const call = { path: "/v1/auth/token/revoke-self", namespace: settings.namespace };
  const answer = await client(asToken(caller, call, context, "revoke"));
  if (!isSuccess(answer)) throw revokeError(answer, settings, token.reveal());
}

function asToken(
  { token }: TokenCaller,
  call: Pick<VaultCall, "path" | "namespace" | "body">,
  { signal, count }: CallContext,
  operation: "renew" | "revoke",
): VaultCall {
  return { method: "POST", ...call, token: token.reveal(), signal, resend: true, onSend: () => count(operation) };
}
