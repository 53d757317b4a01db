import type { Answer } from "../scripted.ts";

/** HTTP statuses of gRPC's codes (https://cloud.google.com/apis/design/errors#http_mapping). */
const statuses: Readonly<Record<string, number>> = {
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  RESOURCE_EXHAUSTED: 429,
  INTERNAL: 500,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
};

/** An error as Google's APIs write it. */
export function googleError(
  status: string,
  message: string,
  info?: { readonly reason: string; readonly metadata?: Readonly<Record<string, string>> },
): Answer {
  const code = statuses[status] ?? 500;
  const type = "type.googleapis.com/google.rpc.ErrorInfo";
  const details = info === undefined ? {} : { details: [{ "@type": type, domain: "googleapis.com", ...info }] };
  return { status: code, body: { error: { code, message, status, ...details } } };
}

/** An error of the token service (https://www.rfc-editor.org/rfc/rfc6749#section-5.2). */
export function oauthError(error: string, description: string, status = 400): Answer {
  return { status, body: { error, error_description: description } };
}

/** The answer of Google's front ends if no service is asked. */
export const frontEndPage: Answer = {
  status: 404,
  headers: { "content-type": "text/html; charset=UTF-8" },
  body: "<!DOCTYPE html><html lang=en><title>Error 404 (Not Found)!!1</title><p>The requested URL was not found on this server.",
};

/** VPC Service Controls. */
export const perimeterDenial: Answer = googleError(
  "PERMISSION_DENIED",
  "Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: AbC-dEf_1234567890",
  {
    reason: "SECURITY_POLICY_VIOLATED",
    metadata: { uid: "AbC-dEf_1234567890", service: "secretmanager.googleapis.com" },
  },
);

/** An API that nobody has enabled in the project. */
export function apiDisabled(service: string, project: string): Answer {
  return googleError(
    "PERMISSION_DENIED",
    `${service} has not been used in project ${project} before or it is disabled. Enable it by visiting https://console.developers.google.com/apis/api/${service}/overview?project=${project} then retry.`,
    { reason: "SERVICE_DISABLED", metadata: { service, consumer: `projects/${project}` } },
  );
}

/** A project without a billing account. */
export function billingDisabled(project: string): Answer {
  return googleError(
    "PERMISSION_DENIED",
    `This API method requires billing to be enabled. Please enable billing on project #${project}.`,
    { reason: "BILLING_DISABLED", metadata: { consumer: `projects/${project}` } },
  );
}
