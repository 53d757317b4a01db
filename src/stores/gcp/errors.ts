import { type ErrorDetails, type ErrorId, ProviderError } from "../../errors.ts";
import type { HttpAnswer } from "../../http/message.ts";
import { isWebPage, notFromStore, tooLargeFix } from "../../http/not-from-store.ts";
import { shownText } from "../shown-text.ts";
import type { FailedCall } from "./failed-call.ts";
import { type GoogleError, googleErrorIn } from "./google-error.ts";
import { hindranceFix } from "./hindrance-fix.ts";
import { type Meaning, meaningOf } from "./meaning.ts";

/** Returns the outage of an answer that something before Google gave. */
export function foreign(answer: HttpAnswer, { what, service, operation }: FailedCall): ProviderError {
  const error = notFromStore(`${what} failed`, service, answer);
  return operation === "login" ? error.with({ login: true }) : error;
}

/** The statuses that say that nothing can be asked now; with 500 Google fails for one request. */
const away = [502, 503, 504];

/** URL, headers, body: of a proxy or of Google's front ends, before anybody looked at the request. */
const tooLarge = [413, 414, 431];

/** Returns the error of an answer that is no success. What is not Google's own word is an outage: nobody was refused. */
export function errorOf(answer: HttpAnswer, call: FailedCall): ProviderError {
  const error = isWebPage(answer) ? undefined : googleErrorIn(answer);
  const login = call.operation === "login" ? { login: true } : {};
  if (error === undefined && answer.status !== 429) return foreign(answer, call);
  const { status, retryAfterMs } = answer;
  const meaning: Meaning = error === undefined ? { id: "LK0031" } : meaningOf(call.operation, error, status);
  const said = error === undefined ? "" : `: ${shownText(saidBy(error), call.secrets)}`;
  return new ProviderError(meaning.id, `${call.what} failed with status ${status}${said}`, {
    ...login,
    storeCode: error?.reason ?? error?.code ?? String(status),
    retryAfterMs,
    reached: !away.includes(status),
    passing: status >= 500,
    fix: tooLarge.includes(status) ? tooLargeFix : fixOf(meaning, error, call),
  });
}

function saidBy({ code, message }: GoogleError): string {
  return message === "" ? code : `${code}: ${message}`;
}

function fixOf(meaning: Meaning, error: GoogleError | undefined, call: FailedCall): string | undefined {
  if (meaning.hindrance !== undefined && error !== undefined) return hindranceFix(meaning.hindrance, error, call);
  return call.fix(meaning.id, meaning) ?? commonFix(meaning.id, call);
}

function commonFix(id: ErrorId, { service, api }: FailedCall): string | undefined {
  if (id === "LK0031") return `mount less at once, or ask Google for a higher quota of ${api}`;
  if (id === "LK0032") return "mount again: the token is made anew; if it stays, check the clock of this node";
  if (id === "LK0037") return "check the name, the version and the location";
  return id === "LK0030"
    ? `check the state of ${service} (https://status.cloud.google.com) and the way there`
    : undefined;
}

/** Returns the error of a success that cannot be used. */
export function unusable(
  what: string,
  { service, operation }: Pick<FailedCall, "service" | "operation">,
): ProviderError {
  const details: ErrorDetails = { fix: `check what answers at the endpoint of ${service}` };
  return new ProviderError("LK0036", what, operation === "login" ? { ...details, login: true } : details);
}

/** Adds what was asked for to an error of the way there. */
export function withContext(error: ProviderError, { operation, what }: FailedCall): ProviderError {
  const login = operation === "login" ? { login: true } : {};
  return new ProviderError(error.id, `${what} failed: ${error.message}`, { ...error.details, ...login });
}
