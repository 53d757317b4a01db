import { type ErrorId, ProviderError } from "../../errors.ts";
import type { HttpAnswer } from "../../http/message.ts";
import { notFromStore, tooLargeFix } from "../../http/not-from-store.ts";
import { type Complaint, isInactive } from "./complaint.ts";
import type { VaultSettings } from "./types.ts";

/** The outage of an answer that something before the server gave. */
export function notFromServer(what: string, { flavour }: VaultSettings, answer: HttpAnswer): ProviderError {
  return notFromStore(what, flavour === "openbao" ? "OpenBao" : "Vault", answer);
}

/** Body, URL, headers. Nobody was refused. */
const tooLarge = [413, 414, 431];

/** Matches how Vault before 1.0 and some plugins deny, with a 500; the whole text, for databases have permissions too. */
export const deniedText = /^(?:1 error occurred:\s*\* )?permission denied\s*$/i;

/** With 404, 403 or 400. "namespace not authorized" is the Kubernetes auth method, of a namespace of the cluster. */
const unknownNamespace = /\bno namespace\b|\bnamespace (?:[^ ]+ )?(?:not found|does not exist)\b/i;

/** The meaning of an answer whatever was asked for, if it has one; undefined if that depends on the call. */
export function commonId(answer: HttpAnswer, { texts }: Complaint): ErrorId | undefined {
  const { status } = answer;
  if (status === 429) return "LK0031";
  if (tooLarge.includes(status)) return "LK0037";
  if (status >= 400 && status < 500 && texts.some((text) => unknownNamespace.test(text))) return "LK0042";
  if (isInactive(answer)) return "LK0041";
  // 412: the node has not caught up yet (https://developer.hashicorp.com/vault/api-docs#http-status-codes)
  return [412, 502, 503, 504].includes(status) ? "LK0030" : undefined;
}

/** A call that the server did not answer as it should. */
export interface Failure {
  readonly id: ErrorId;
  readonly answer: HttpAnswer;
  readonly complaint: Complaint;
  /** The call, in words. */
  readonly what: string;
}

/** The error of a call, with what the server said and what to do: the call's own fix, or the one that all calls have. */
export function vaultError(
  { id, answer, complaint, what }: Failure,
  fixes: Partial<Record<ErrorId, string>>,
): ProviderError {
  const said = complaint.shown === "" ? "" : `: ${complaint.shown}`;
  return new ProviderError(id, `${what} (status ${answer.status})${said}`, {
    storeCode: String(answer.status),
    fix: tooLarge.includes(answer.status) ? tooLargeFix : (fixes[id] ?? commonFixes[id]),
    retryAfterMs: answer.retryAfterMs,
    reached: isOfThisCall(answer.status, complaint),
    passing: mayPass(id, answer.status, complaint),
  });
}

/** An outage that tells nothing of other calls: Vault itself says with 502 that somebody behind it failed, such as a cloud's API. */
function isOfThisCall(status: number, { texts }: Complaint): boolean {
  return [400, 412, 500].includes(status) || (status === 502 && texts.length > 0);
}

/** A failure inside the server, as its own clients take it: any 5xx but 501. An older server denies by one, and says so. */
function mayPass(id: ErrorId, status: number, { texts }: Complaint): boolean {
  const isFailure = status >= 500 && status !== 501 && id !== "LK0041";
  return isFailure && !texts.some((text) => deniedText.test(text));
}

const commonFixes: Partial<Record<ErrorId, string>> = {
  LK0030: "check that the server runs and what its load balancer says",
  LK0031: "raise the server's rate limit quota, or mount fewer volumes at once",
  LK0036: "check the server's log",
  LK0041: "unseal the server, or use the address of the active one",
};
