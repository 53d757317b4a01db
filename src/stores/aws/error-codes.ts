import type { ErrorId } from "../../errors.ts";

/** Which call failed: the exchange at STS or a read at Secrets Manager. */
export type Operation = "login" | "read";

/** The meaning of an error code. */
export interface Finding {
  readonly id: ErrorId;
  /** True where the KMS key is what is missing. */
  readonly aboutKey?: true;
  readonly fix?: string;
}

type Rule = readonly [code: RegExp, finding: Finding, message?: RegExp];

const clockFix = "correct the clock of this node";

/** Codes that mean the same everywhere. AWS throttles, and refuses old credentials, with status 400. */
const common: readonly Rule[] = [
  [
    /^(Throttl|TooManyRequests|RequestLimitExceeded|RequestThrottled|SlowDown|LimitExceeded|BandwidthLimit)/,
    { id: "LK0031" },
  ],
  [
    /^(InvalidSignature|SignatureDoesNotMatch|RequestExpired|RequestInTheFuture|RequestTimeTooSkewed)/,
    { id: "LK0036", fix: clockFix },
  ],
  [
    /^(InternalService|InternalFailure|InternalError|InternalServer|ServiceUnavailable|RequestTimeout|TimeoutError)/,
    { id: "LK0030" },
  ],
  [
    /^(Validation|InvalidParameter|MissingParameter|InvalidAction|UnknownOperation|MalformedPolicy|PackedPolicy)/,
    { id: "LK0037" },
  ],
];

const issuerFix =
  "let AWS reach the issuer of this cluster's tokens (--service-account-issuer of the API server): its discovery document and keys have to be public";
const providerFix =
  "create an IAM OIDC provider for the issuer of this cluster's tokens in the account of the role, with the audience sts.amazonaws.com";
const expiredFix =
  "check the clock of this node; if it is right, mount again, and check that the driver passes tokens that have not expired";

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html#API_AssumeRoleWithWebIdentity_Errors */
const loginRules: readonly Rule[] = [
  // The identity provider's keys could not be fetched: nobody said no.
  [/^InvalidIdentityToken/, { id: "LK0030", fix: issuerFix }, /retrieve verification key/i],
  [/^IDPCommunicationError/, { id: "LK0030", fix: issuerFix }],
  [/^InvalidIdentityToken/, { id: "LK0032", fix: providerFix }],
  [/^ExpiredToken/, { id: "LK0032", fix: expiredFix }],
  [/^RegionDisabled/, { id: "LK0032", fix: "activate STS for the region in the account's settings" }],
  [/^(AccessDenied|IDPRejectedClaim|InvalidClientTokenId|UnrecognizedClient)/, { id: "LK0032" }],
];

const restoreFix = "restore it (aws secretsmanager restore-secret), or take it out of the SecretProviderClass";

/** The words of AWS for a KMS key that may not be used. */
const keyDenial = /\bkms:\w|access to kms|ciphertext|master key/i;

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html#API_GetSecretValue_Errors */
const readRules: readonly Rule[] = [
  [/^ResourceNotFound/, { id: "LK0034" }],
  [/^InvalidRequest/, { id: "LK0034", fix: restoreFix }, /\b(deleted|deletion)\b/i],
  [/^InvalidRequest/, { id: "LK0037" }],
  [/^(ParameterNotFound|ParameterVersionNotFound)/, { id: "LK0034" }],
  [/^(InvalidKeyId|DecryptionFailure|EncryptionFailure|KMS)/, { id: "LK0033", aboutKey: true }],
  [/^AccessDenied/, { id: "LK0033", aboutKey: true }, keyDenial],
  [/^(AccessDenied|NotAuthorized|UnauthorizedOperation)/, { id: "LK0033" }],
  [
    /^(ExpiredToken|UnrecognizedClient|InvalidClientTokenId|InvalidAccessKeyId|MissingAuthenticationToken|IncompleteSignature)/,
    {
      id: "LK0032",
      fix: "mount again to get new credentials for the role; if the error stays, check the clock of this node",
    },
  ],
];

/**
 * Returns the meaning of a code for an operation; undefined for an unknown code. `message` decides if one code has two
 * meanings.
 */
export function findings(operation: Operation, code: string, message: string): Finding | undefined {
  const rules = [...common, ...(operation === "login" ? loginRules : readRules)];
  return rules.find(([form, , said]) => form.test(code) && (said === undefined || said.test(message)))?.[1];
}

/** Returns the id by the status alone, for an unknown code of the API or an answer that is not the API's. */
export function statusId(status: number | undefined, hasCode: boolean): ErrorId {
  if (status === 429) return "LK0031";
  if (status !== undefined && status >= 500) return "LK0030";
  return hasCode && status !== undefined && status >= 400 ? "LK0037" : "LK0036";
}
