import { ProviderError } from "../../errors.ts";
import { tokenFor } from "../service-account-token.ts";
import type { OpenRequest } from "../store.ts";
import { untilAborted } from "../until-aborted.ts";
import { credentialsOf, type Login, sessionName } from "./credentials.ts";
import { awsAudience, loginError } from "./errors.ts";
import { type AwsWay, ambientMiddleware, sdkConfig } from "./sdk-config.ts";
import type { AwsSettings } from "./types.ts";

/** The annotation that EKS uses for a service account's role. */
export const roleAnnotation = "eks.amazonaws.com/role-arn";

/**
 * Exchanges the identity's token for the role's credentials at STS (IRSA). Throws `LK0011` without a token, `LK0014`
 * without a role, `LK0032` refused, and what `loginError` makes of the rest.
 */
export async function assumeByToken(request: OpenRequest<AwsSettings>, way: AwsWay): Promise<Login> {
  const roleArn = roleOf(request);
  const { settings, identity, context } = request;
  const token = tokenFor(identity, awsAudience).reveal();
  const { STSClient, AssumeRoleWithWebIdentityCommand } = await import("@aws-sdk/client-sts");
  const client = new STSClient({
    ...sdkConfig("sts", settings.region, way),
    sigv4aSigningRegionSet: [settings.region],
    // The call is not signed; without any the SDK would look for its own.
    credentials: { accessKeyId: "", secretAccessKey: "" },
  });
  client.middlewareStack.remove(ambientMiddleware);
  const command = new AssumeRoleWithWebIdentityCommand({
    RoleArn: roleArn,
    RoleSessionName: sessionName(request),
    WebIdentityToken: token,
  });
  const options = { abortSignal: context.signal, onSend: () => context.count("login") };
  try {
    const where = `STS in ${settings.region}`;
    const answer = await untilAborted(() => client.send(command, options), context.signal, where);
    return { credentials: credentialsOf(answer.Credentials), principal: roleArn };
  } catch (thrown) {
    const account = `system:serviceaccount:${identity.namespace}:${identity.serviceAccount}`;
    const fix = `let the trust policy of ${roleArn} accept ${account} of this cluster's OIDC provider with the audience ${awsAudience}`;
    throw loginError(thrown, { roleArn, region: settings.region, secrets: [token], fix });
  }
}

/** The settings' own role, or the service account's. */
function roleOf({ settings, found, identity }: OpenRequest<AwsSettings>): string {
  const own = settings.identity.by === "webIdentity" ? settings.identity.roleArn : undefined;
  const role = own ?? found.get(roleAnnotation);
  if (role !== undefined && role !== "") return role;
  const account = `${identity.namespace}/${identity.serviceAccount}`;
  throw new ProviderError("LK0014", `service account ${account} names no IAM role`, {
    fix: `annotate it with ${roleAnnotation}, or set roleArn`,
  });
}
