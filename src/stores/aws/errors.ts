import { type ErrorId, ProviderError, tellsOfStore } from "../../errors.ts";
import { parseRetryAfter } from "../../http/retry-after.ts";
import { shownText } from "../shown-text.ts";
import { findings, type Operation, statusId } from "./error-codes.ts";
import { isKnownRegion } from "./regions.ts";

/** The audience of the tokens that STS takes. */
export const awsAudience = "sts.amazonaws.com";

/** The facts that every error of a session names. */
export interface AwsCall {
  readonly region: string;
  /** Whose credentials they are. */
  readonly principal: string;
}

/** An exchange at STS that failed. `secrets` are taken out of whatever was said, `fix` is for a refusal. */
interface FailedLogin {
  readonly roleArn: string;
  readonly region: string;
  readonly secrets: readonly string[];
  readonly fix: string;
}

/** A read that failed. */
interface FailedRead {
  /** The ref, for people. */
  readonly name: string;
  /** The right that it needs, such as `secretsmanager:GetSecretValue`. */
  readonly action: string;
  /** The resource that it is needed on, if that is not the ref. */
  readonly resource?: string;
  readonly secrets: readonly string[];
}

/** The error of a failed exchange at STS. */
export function loginError(thrown: unknown, { roleArn, region, secrets, fix }: FailedLogin): ProviderError {
  const what = `assuming ${roleArn} in ${region}`;
  return awsError(thrown, { operation: "login", what, secrets, region }, (id) => {
    if (id === "LK0032") return fix;
    return id === "LK0037" ? `check that ${roleArn} is the ARN of an IAM role` : commonFix(id, region);
  });
}

/** The error of a failed read. */
export function readError(thrown: unknown, read: FailedRead, call: AwsCall): ProviderError {
  const what = `reading ${read.name} in ${call.region} as ${call.principal}`;
  const about = { operation: "read", what, secrets: read.secrets, region: call.region } as const;
  return awsError(thrown, about, (id, aboutKey) => readFix(id, read, call, aboutKey));
}

/** The facts in an SDK's error. Anything else in it (requests, raw answers) is left out. */
interface Told {
  /** The API's error code, such as `AccessDeniedException`; absent where the answer was none of the API's. */
  readonly code: string | undefined;
  readonly status: number | undefined;
  readonly message: string;
  readonly retryAfterMs: number | undefined;
}

type Fix = (id: ErrorId, aboutKey: boolean) => string | undefined;

/** The call that failed. */
interface Attempt {
  readonly operation: Operation;
  /** For people. */
  readonly what: string;
  readonly secrets: readonly string[];
  readonly region: string;
}

function awsError(thrown: unknown, attempt: Attempt, fix: Fix): ProviderError {
  if (thrown instanceof ProviderError) return withContext(thrown, attempt);
  const { operation, what, secrets } = attempt;
  const { code, status, message, retryAfterMs } = tell(thrown);
  const finding = code === undefined ? undefined : findings(operation, code, message);
  const id = finding?.id ?? statusId(status, code !== undefined);
  const said = code === undefined ? "" : shownText(`${code}: ${message}`, secrets);
  const why = said === "" ? "the answer cannot be used" : said;
  return new ProviderError(id, `${what} failed${status === undefined ? "" : ` with status ${status}`}: ${why}`, {
    storeCode: code === undefined ? status?.toString() : shownText(code, secrets),
    retryAfterMs,
    ...(operation === "login" ? { login: true } : {}),
    reached: status !== undefined && !away.includes(status),
    passing: status !== undefined && away.includes(status),
    fix: finding?.fix ?? fix(id, finding?.aboutKey ?? false),
  });
}

/** The way there failed, or the answer was none: that names no secret and no role by itself. */
function withContext(error: ProviderError, { operation, what, region }: Attempt): ProviderError {
  if (!tellsOfStore(error)) return error;
  const login = operation === "login" ? { login: true } : {};
  const known = error.details.storeCode !== "ENOTFOUND" || isKnownRegion(region);
  const fix = known ? {} : { fix: `check that ${region} is a region: this version of Latchkey does not know it` };
  return new ProviderError(error.id, `${what} failed: ${error.message}`, { ...error.details, ...login, ...fix });
}

/**
 * The statuses that say that nothing can be asked now. AWS also answers other 5xx for a single secret, key or identity
 * provider.
 */
const away = [502, 503, 504];

const codeForm = /^[A-Za-z_][\w.-]{0,99}$/;

/** Reads the SDK's error without trusting its shape; only an error of the API has `$fault`. */
function tell(thrown: unknown): Told {
  const error = (typeof thrown === "object" && thrown !== null ? thrown : {}) as {
    readonly name?: unknown;
    readonly message?: unknown;
    readonly $fault?: unknown;
    readonly $metadata?: { readonly httpStatusCode?: unknown };
    readonly $response?: { readonly statusCode?: unknown; readonly headers?: { readonly "retry-after"?: unknown } };
  };
  const status = error.$metadata?.httpStatusCode ?? error.$response?.statusCode;
  const retryAfter = error.$response?.headers?.["retry-after"];
  const name = typeof error.name === "string" ? error.name : "";
  const isCode = error.$fault !== undefined && codeForm.test(name) && !/^(Error|Unknown.*)$/.test(name);
  return {
    code: isCode ? name : undefined,
    status: typeof status === "number" ? status : undefined,
    // The SDK's own word for none.
    message: isCode && typeof error.message === "string" && error.message !== "UnknownError" ? error.message : "",
    retryAfterMs: typeof retryAfter === "string" ? parseRetryAfter(retryAfter, Date.now()) : undefined,
  };
}

function readFix(
  id: ErrorId,
  { name, action, resource = name }: FailedRead,
  { principal, region }: AwsCall,
  aboutKey: boolean,
): string | undefined {
  if (aboutKey) return `give ${principal} kms:Decrypt on the key of ${name}, in the key's own policy too`;
  if (id === "LK0033") return `give ${principal} ${action} on ${resource} in ${region}`;
  if (id === "LK0034") return `check the name and that it exists in ${region}, with the version that is asked for`;
  return id === "LK0037" ? "check name, version and label" : commonFix(id, region);
}

function commonFix(id: ErrorId, region: string): string | undefined {
  if (id === "LK0031") return "mount fewer volumes at once, or ask AWS for a higher limit";
  if (id === "LK0036") return "check what answers at the endpoint of AWS";
  return id === "LK0030" ? `check the state of AWS in ${region} and the network to it` : undefined;
}
