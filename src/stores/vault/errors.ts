import { type ErrorId, ProviderError } from "../../errors.ts";
import { FormatError } from "../../formats/format-error.ts";
import { isJsonArray, isJsonObject, type JsonValue, parseJson } from "../../formats/json.ts";
import type { HttpAnswer } from "../../http/message.ts";
import { shownText } from "../shown-text.ts";
import type { VaultRef, VaultSettings } from "./types.ts";

/** What Vault says in `errors`. */
interface Complaint {
  readonly texts: readonly string[];
  /** The texts as they may be shown; empty where there is none. */
  readonly shown: string;
}

/** The error of a login that did not succeed; `jwt` is taken out of whatever the server says. */
export function loginError(answer: HttpAnswer, settings: VaultSettings, who: string, jwt: string): ProviderError {
  const complaint = complaintOf(answer.body, [jwt]);
  const id = commonId(answer.status, complaint) ?? loginId(answer.status, complaint);
  const { mount, role, audience } = settings.auth;
  return vaultError(id, answer, complaint, `the login at auth/${mount} as role ${JSON.stringify(role)}`, {
    LK0032: `check that auth/${mount} exists and that its role ${JSON.stringify(role)} accepts ${who} with the audience ${JSON.stringify(audience)}`,
  });
}

/** The error of a read that did not succeed; `secrets` are taken out of whatever the server says. */
export function readError(
  answer: HttpAnswer,
  ref: VaultRef,
  settings: VaultSettings,
  secrets: readonly string[],
): ProviderError {
  const complaint = complaintOf(answer.body, secrets);
  const id = commonId(answer.status, complaint) ?? readId(answer.status, complaint);
  const path = ref.path.slice("/v1/".length);
  return vaultError(id, answer, complaint, `reading ${path}`, {
    LK0033: `give a policy of role ${JSON.stringify(settings.auth.role)} the capability "read" on ${JSON.stringify(path)}`,
    LK0034: "check the path; KV version 2 wants /data/ after the mount, as in secret/data/shop/db",
    LK0037: "check the path and its query",
  });
}

/** Of Vault itself or of a proxy before it: body, URL, headers. Nobody was refused. */
const tooLarge = [413, 414, 431];
const tooLargeFix =
  "the request is too large for the server or a proxy before it: shorten path, query, namespace or role, or raise the limit there";

const sealed = /\b(sealed|standby|not initialized)\b/i;
/** How Vault before 1.0 and some plugins deny, with a 500; the whole text, for databases have permissions too. */
const deniedText = /^(?:1 error occurred:\s*\* )?permission denied\s*$/i;

function commonId(status: number, { texts }: Complaint): ErrorId | undefined {
  if (status === 429) return "LK0031";
  if (tooLarge.includes(status)) return "LK0037";
  if (status === 472 || status === 473) return "LK0041";
  if (status === 503 && texts.some((text) => sealed.test(text))) return "LK0041";
  // 412: the node has not caught up yet (https://developer.hashicorp.com/vault/api-docs#http-status-codes)
  return [412, 502, 503, 504].includes(status) ? "LK0030" : undefined;
}

function loginId(status: number, { texts }: Complaint): ErrorId {
  const refused = (status >= 400 && status < 500) || (status === 500 && texts.length > 0);
  return refused ? "LK0032" : "LK0036";
}

function readId(status: number, { texts }: Complaint): ErrorId {
  if (status === 401 || status === 403) return "LK0033";
  if (status === 404) return "LK0034";
  if (status >= 400 && status < 500) return "LK0037";
  return status === 500 && texts.some((text) => deniedText.test(text)) ? "LK0033" : "LK0036";
}

function vaultError(
  id: ErrorId,
  answer: HttpAnswer,
  complaint: Complaint,
  what: string,
  fixes: Partial<Record<ErrorId, string>>,
): ProviderError {
  const said = complaint.shown === "" ? "" : `: ${complaint.shown}`;
  return new ProviderError(id, `${what} failed with status ${answer.status}${said}`, {
    storeCode: String(answer.status),
    fix: tooLarge.includes(answer.status) ? tooLargeFix : (fixes[id] ?? commonFixes[id]),
    retryAfterMs: answer.retryAfterMs,
    reached: answer.status === 412,
  });
}

const commonFixes: Partial<Record<ErrorId, string>> = {
  LK0030: "check that the server runs and what its load balancer says",
  LK0031: "raise the server's rate limit quota, or mount less at once",
  LK0036: "look into the server's log",
  LK0041: "unseal the server, or use the address of the active one",
};

/** Only the structured `errors` are shown: any other body may quote anything. */
function complaintOf(body: Uint8Array, secrets: readonly string[]): Complaint {
  const texts = errorsOf(body).filter((text) => typeof text === "string");
  return { texts, shown: shownText(texts.join("; "), secrets) };
}

function errorsOf(body: Uint8Array): readonly JsonValue[] {
  try {
    const parsed = body.byteLength === 0 ? null : parseJson(body);
    const errors = isJsonObject(parsed) ? parsed.get("errors") : undefined;
    return isJsonArray(errors) ? errors : [];
  } catch (thrown) {
    if (thrown instanceof FormatError) return [];
    throw thrown;
  }
}
