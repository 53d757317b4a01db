import { ProviderError } from "../../errors.ts";
import { tokenFor } from "../service-account-token.ts";
import type { OpenRequest } from "../store.ts";
import { untilAborted } from "../until-aborted.ts";
import { type AwsCall, awsAudience, loginError } from "./errors.ts";
import type { createHttpHandler } from "./http-handler.ts";
import { ambientMiddleware, sdkConfig } from "./sdk-config.ts";
import type { AwsSettings } from "./types.ts";

/** The annotation that EKS uses for a service account's role. */
export const roleAnnotation = "eks.amazonaws.com/role-arn";

/** Credentials of an assumed role, in the SDK's form. Never print one. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration?: Date;
}

/** The role that a request is about: the settings' own, or the service account's. Throws `LK0014` where there is none. */
export function roleOf({ settings, found, identity }: OpenRequest<AwsSettings>): string {
  const role = settings.roleArn ?? found.get(roleAnnotation);
  if (role !== undefined && role !== "") return role;
  const account = `${identity.namespace}/${identity.serviceAccount}`;
  throw new ProviderError("LK0014", `service account ${account} names no IAM role`, {
    fix: `annotate it with ${roleAnnotation}, or set roleArn`,
  });
}

/**
 * Exchanges the identity's token for the role's credentials at STS. Throws `LK0011` without a token, `LK0032` refused, and
 * what `loginError` makes of the rest.
 */
export async function assumeRole(
  request: OpenRequest<AwsSettings>,
  call: AwsCall,
  endpoint: string | undefined,
  handler: ReturnType<typeof createHttpHandler>,
): Promise<AwsCredentials> {
  const token = tokenFor(request.identity, awsAudience).reveal();
  const { STSClient, AssumeRoleWithWebIdentityCommand } = await import("@aws-sdk/client-sts");
  const client = new STSClient({
    ...sdkConfig(call.region, endpoint, handler),
    sigv4aSigningRegionSet: [call.region],
    // The call is not signed; without any the SDK would look for its own.
    credentials: { accessKeyId: "", secretAccessKey: "" },
  });
  client.middlewareStack.remove(ambientMiddleware);
  const command = new AssumeRoleWithWebIdentityCommand({
    RoleArn: call.roleArn,
    RoleSessionName: sessionName(request),
    WebIdentityToken: token,
  });
  const { signal, count } = request.context;
  const options = { abortSignal: signal, onSend: () => count("login") };
  try {
    const answer = await untilAborted(() => client.send(command, options), signal, `STS in ${call.region}`);
    return credentialsOf(answer.Credentials);
  } catch (thrown) {
    throw loginError(thrown, call, token);
  }
}

/** What CloudTrail shows as the session: who asked. STS takes 2 to 64 of these characters. */
function sessionName({ identity }: OpenRequest<AwsSettings>): string {
  return `latchkey-${identity.namespace}-${identity.serviceAccount}`.replace(/[^\w+=,.@-]/g, "_").slice(0, 64);
}

interface StsCredentials {
  readonly AccessKeyId?: string | undefined;
  readonly SecretAccessKey?: string | undefined;
  readonly SessionToken?: string | undefined;
  readonly Expiration?: Date | undefined;
}

function credentialsOf(credentials: StsCredentials = {}): AwsCredentials {
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken } = credentials;
  if (!isText(accessKeyId) || !isText(secretAccessKey) || !isText(sessionToken)) {
    throw new ProviderError("LK0036", "STS answered without credentials", {
      fix: "check what answers at the endpoint of STS",
    });
  }
  const { Expiration: end } = credentials;
  const expiration = end instanceof Date && !Number.isNaN(end.getTime()) ? { expiration: end } : {};
  return { accessKeyId, secretAccessKey, sessionToken, ...expiration };
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
