import { type ErrorId, ProviderError } from "../../errors.ts";
import { isJsonArray, JsonNumber, type JsonObject } from "../../formats/json.ts";
import type { HttpAnswer } from "../../http/message.ts";
import { isWebPage, notFromStore } from "../../http/not-from-store.ts";
import { oauthErrorIn } from "../oauth-error.ts";
import { shownText } from "../shown-text.ts";

/** A login that was refused, and what its errors may and may not say. */
export interface LoginAttempt {
  /** For people: `the login of CLIENT in tenant TENANT`. */
  readonly what: string;
  readonly tenant: string;
  readonly clientId: string;
  /** Who asks: `system:serviceaccount:NAMESPACE:NAME`. */
  readonly subject: string;
  /** The audience of the pod's token. */
  readonly audience: string;
  /** Texts that no error may show. */
  readonly secrets: readonly string[];
}

interface Finding {
  readonly id: ErrorId;
  readonly fix: (attempt: LoginAttempt) => string;
}

const federate = ({ clientId, subject, audience }: LoginAttempt) =>
  `let ${subject} log in as ${clientId}: az identity federated-credential create --identity-name IDENTITY --resource-group GROUP --name NAME --issuer ISSUER --subject ${subject} --audiences ${audience} (ISSUER: az aks show --query oidcIssuerProfile.issuerUrl)`;
const noApplication = ({ clientId, tenant }: LoginAttempt) =>
  `check that ${clientId} is a client id in the tenant ${tenant}: az ad sp show --id ${clientId}`;
const noTenant = ({ tenant }: LoginAttempt) =>
  `check the tenant ${tenant} and the cloud: az account show --query tenantId`;
const newSecret = ({ clientId }: LoginAttempt) =>
  `put a new client secret into the Secret of nodePublishSecretRef: az ad app credential reset --id ${clientId}`;
const clock = () =>
  "check the clock of this node; if it is right, mount again, and see that the driver passes tokens that have not ended";
const issuer = () =>
  "let Microsoft Entra ID reach the issuer of this cluster's tokens: its discovery document and keys have to be public";
const allow = ({ clientId, tenant }: LoginAttempt) =>
  `see in the sign-in logs of the tenant ${tenant} why ${clientId} is held back: a conditional access policy, or the account is disabled`;
const later = () => "mount again later; Azure's status page tells of outages";

/** https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes */
const findings: readonly (readonly [codes: readonly number[], finding: Finding])[] = [
  // The issuer's keys could not be fetched, or the service asks to try again: nobody said no.
  [[50166, 501661, 90061], { id: "LK0030", fix: issuer }],
  [[90006, 90012, 90024, 90033], { id: "LK0030", fix: later }],
  [[50196, 90055], { id: "LK0031", fix: later }],
  [[70021, 700211, 700212, 700213, 700027], { id: "LK0032", fix: federate }],
  [[700016, 700025], { id: "LK0032", fix: noApplication }],
  [[90002, 900023, 500011], { id: "LK0032", fix: noTenant }],
  [[7000215, 7000216, 7000222], { id: "LK0032", fix: newSecret }],
  [[700024, 50013], { id: "LK0032", fix: clock }],
  [[53003, 50105, 50057, 7000112], { id: "LK0032", fix: allow }],
];

/** The error codes of OAuth (RFC 6749, 4.1.2.1 and 5.2) that say nothing of who asks. */
const passing: ReadonlySet<string> = new Set(["temporarily_unavailable", "server_error", "interaction_throttled"]);

/** Decides whether the login service itself gave an answer; anything else is a proxy's. */
export function isFromLogin(answer: HttpAnswer, object: JsonObject | undefined): boolean {
  if (answer.status === 429) return true;
  if (isWebPage(answer)) return false;
  if (answer.status < 300) return typeof object?.get("access_token") === "string";
  return oauthErrorIn(object) !== undefined || (textIn(object, "error") !== "" && codeOf(object) !== undefined);
}

/** The error of an answer that is no token. */
export function refusedLogin(answer: HttpAnswer, object: JsonObject | undefined, attempt: LoginAttempt): ProviderError {
  const { status, retryAfterMs } = answer;
  if (!isFromLogin(answer, object)) {
    return notFromStore(attempt.what, "Microsoft Entra ID", answer).with({ login: true });
  }
  const code = codeOf(object);
  const error = textIn(object, "error");
  const known = findings.find(([codes]) => code !== undefined && codes.includes(code))?.[1];
  const id = known?.id ?? idOf(status, error);
  const said = shownText(textIn(object, "error_description") || error, attempt.secrets);
  return new ProviderError(id, `${attempt.what} failed with status ${status}${said === "" ? "" : `: ${said}`}`, {
    storeCode: code === undefined ? error || String(status) : `AADSTS${code}`,
    login: true,
    retryAfterMs,
    reached: id === "LK0030",
    fix: known?.fix(attempt) ?? (id === "LK0032" ? noApplication(attempt) : later()),
  });
}

function idOf(status: number, error: string): ErrorId {
  if (status === 429) return "LK0031";
  return status >= 500 || status === 408 || passing.has(error) ? "LK0030" : "LK0032";
}

/** The code that stands in `error_codes`, or in the text: https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes#handling-error-codes-in-your-application */
function codeOf(object: JsonObject | undefined): number | undefined {
  const codes = object?.get("error_codes");
  const [first] = isJsonArray(codes) ? codes : [];
  if (first instanceof JsonNumber) return Number(first.text);
  const text = /\bAADSTS(\d{4,8})\b/.exec(textIn(object, "error_description"))?.[1];
  return text === undefined ? undefined : Number(text);
}

function textIn(object: JsonObject | undefined, name: string): string {
  const value = object?.get(name);
  return typeof value === "string" ? value : "";
}
