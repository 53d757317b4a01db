import { type ErrorId, ProviderError } from "../../errors.ts";
import type { HttpAnswer } from "../../http/message.ts";
import { complaintOf, isForeign } from "./complaint.ts";
import { loginId } from "./errors.ts";
import { commonId, notFromServer, vaultError } from "./server-error.ts";
import type { VaultSettings } from "./types.ts";

/** The error of a renewal that did not succeed. */
export function renewError(answer: HttpAnswer, settings: VaultSettings, token: string): ProviderError {
  const what = `couldn't renew the token of auth/${settings.auth.mount}`;
  const complaint = complaintOf(answer.body, [token]);
  if (isForeign(answer, complaint)) return notFromServer(what, settings, answer);
  const id = commonId(answer, complaint) ?? loginId(answer.status, complaint);
  return vaultError(
    { id, answer, complaint, what },
    {
      LK0032: `give its policies the capability "update" on "auth/token/renew-self", and look at the token's max TTL`,
    },
  );
}

/** A lease that has ended, or that never was: with 400, or 404. */
const unknownLease = /\blease (?:is )?not found\b|\blease expired\b/i;

/** The error of a lease that could not be renewed; `secrets` are taken out of whatever the server says. */
export function leaseError(answer: HttpAnswer, settings: VaultSettings, secrets: readonly string[]): ProviderError {
  const what = "couldn't renew a lease";
  const complaint = complaintOf(answer.body, secrets);
  if (isForeign(answer, complaint)) return notFromServer(what, settings, answer);
  const id = commonId(answer, complaint) ?? leaseId(answer.status, complaint.texts);
  return vaultError(
    { id, answer, complaint, what },
    {
      LK0033: `give its policies the capability "update" on "sys/leases/renew" (the policy "default" has it)`,
      LK0034: "somebody revoked it, or it came to its end; the next mount asks for another one",
    },
  );
}

function leaseId(status: number, texts: readonly string[]): ErrorId {
  if (status === 404 || texts.some((text) => unknownLease.test(text))) return "LK0034";
  if (status === 401 || status === 403) return "LK0033";
  return status >= 400 && status < 500 ? "LK0037" : "LK0036";
}

/** The error of a token that could not be revoked. */
export function revokeError(answer: HttpAnswer, settings: VaultSettings, token: string): ProviderError {
  const what = `couldn't revoke the token of auth/${settings.auth.mount}`;
  const complaint = complaintOf(answer.body, [token]);
  if (isForeign(answer, complaint)) return notFromServer(what, settings, answer);
  const id = commonId(answer, complaint) ?? loginId(answer.status, complaint);
  return vaultError(
    { id, answer, complaint, what },
    { LK0032: `give its policies the capability "update" on "auth/token/revoke-self" (the policy "default" has it)` },
  );
}

/** The error of a lease whose token has no use left for a renewal: the last one is for its revocation. */
export function spentError(): ProviderError {
  return new ProviderError("LK0033", "couldn't renew a lease: its token has been used as often as its role allows", {
    fix: "set token_num_uses of the role to 0 for secrets that have leases",
  });
}
