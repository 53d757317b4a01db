import type { ErrorId } from "../../errors.ts";
import type { GoogleError } from "./google-error.ts";

/** The kind of call that failed. */
export type Operation = "login" | "read";

/** Why a request was turned down that says nothing of the one secret. */
export type Hindrance = "api" | "billing" | "perimeter" | "policy" | "scope";

/** The meaning of an error. */
export interface Meaning {
  readonly id: ErrorId;
  readonly hindrance?: Hindrance;
  /** The version is there and may not be read: disabled or destroyed. */
  readonly state?: "disabled" | "destroyed";
}

/** https://github.com/googleapis/googleapis/blob/master/google/api/error_reason.proto */
const hindrances: ReadonlyMap<string, Hindrance> = new Map([
  ["SERVICE_DISABLED", "api"],
  ["API_DISABLED", "api"],
  ["BILLING_DISABLED", "billing"],
  ["SECURITY_POLICY_VIOLATED", "perimeter"],
  ["ORG_RESTRICTION_VIOLATION", "policy"],
  ["LOCATION_ORG_POLICY_VIOLATED", "policy"],
  ["RESOURCE_USAGE_RESTRICTION_VIOLATION", "policy"],
  ["ORG_RESTRICTION_HEADER_INVALID", "policy"],
  ["ACCESS_TOKEN_SCOPE_INSUFFICIENT", "scope"],
]);

/** Older services say it in words alone. */
const hindrancesInWords: readonly (readonly [RegExp, Hindrance])[] = [
  [/vpcServiceControlsUniqueIdentifier/, "perimeter"],
  [/\bhas not been used in project\b|\bit is disabled\. Enable it\b/, "api"],
  [/\brequires billing to be enabled\b/, "billing"],
];

/** https://cloud.google.com/apis/design/errors#handling_errors: what may be gone when the call is made again. */
const away: ReadonlySet<string> = new Set([
  "UNAVAILABLE",
  "DEADLINE_EXCEEDED",
  "INTERNAL",
  "UNKNOWN",
  "ABORTED",
  "CANCELLED",
]);

/** https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1, and how Google's token service says that it failed itself. */
const oauthAway: ReadonlySet<string> = new Set(["temporarily_unavailable", "server_error", "internal_failure"]);

/** The token service could not fetch the cluster's keys: nobody was refused. */
const unreachedIssuer = /\bconnecting to the given credential's issuer\b|\bfetch\w* .*\b(?:JWKs?|keys?|certs)\b/i;

/** Returns what an error means for an operation. */
export function meaningOf(operation: Operation, error: GoogleError, status: number): Meaning {
  const { code, message } = error;
  if (code === "RESOURCE_EXHAUSTED" || status === 429) return { id: "LK0031" };
  if (away.has(code) || oauthAway.has(code)) return { id: "LK0030" };
  const hindrance = hindranceOf(error);
  const refused = operation === "login" ? "LK0032" : "LK0033";
  if (hindrance !== undefined) return { id: refused, hindrance };
  if (operation === "login") return { id: unreachedIssuer.test(message) ? "LK0030" : "LK0032" };
  return readMeaning(code, message, status);
}

function hindranceOf({ reason = "", message }: GoogleError): Hindrance | undefined {
  return hindrances.get(reason) ?? hindrancesInWords.find(([words]) => words.test(message))?.[1];
}

function readMeaning(code: string, message: string, status: number): Meaning {
  switch (code) {
    case "UNAUTHENTICATED":
      return { id: "LK0032" };
    case "PERMISSION_DENIED":
      return { id: "LK0033" };
    case "NOT_FOUND":
      return { id: "LK0034" };
    case "FAILED_PRECONDITION":
      return stateMeaning(message);
    default:
      return { id: status >= 500 ? "LK0030" : "LK0037" };
  }
}

/** "... is in DESTROYED state." A disabled version of a parameter is told in other words. */
function stateMeaning(message: string): Meaning {
  if (/\bDESTROYED\b/.test(message)) return { id: "LK0034", state: "destroyed" };
  return /\bDISABLED\b|\bis disabled\b/i.test(message) ? { id: "LK0034", state: "disabled" } : { id: "LK0037" };
}
