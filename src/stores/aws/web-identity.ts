import { ProviderError } from "../../errors.ts";
import { tokenFor } from "../service-account-token.ts";
import type { OpenRequest } from "../store.ts";
import { type Assumption, assumeRole } from "./assume-role.ts";
import { type Login, sessionName } from "./credentials.ts";
import { awsAudience } from "./errors.ts";
import type { AwsWay } from "./sdk-config.ts";
import type { AwsSettings } from "./types.ts";

/** The annotation that EKS uses for a service account's role. */
export const roleAnnotation = "eks.amazonaws.com/role-arn";

/**
 * Exchanges the identity's token for the role's credentials at STS (IRSA). Throws `LK0011` without a token, `LK0014`
 * without a role, `LK0032` refused, and what `loginError` makes of the rest.
 */
export async function assumeByToken(request: OpenRequest<AwsSettings>, way: AwsWay): Promise<Login> {
  const roleArn = roleOf(request);
  const { identity } = request;
  const token = tokenFor(identity, awsAudience).reveal();
  const account = `system:serviceaccount:${identity.namespace}:${identity.serviceAccount}`;
  const role: Assumption = {
    roleArn,
    // The call is not signed; without any the SDK would look for its own.
    signedBy: { accessKeyId: "", secretAccessKey: "" },
    ask: ({ AssumeRoleWithWebIdentityCommand }, client, options) =>
      client.send(
        new AssumeRoleWithWebIdentityCommand({
          RoleArn: roleArn,
          RoleSessionName: sessionName(request),
          WebIdentityToken: token,
        }),
        options,
      ),
    refusal: {
      secrets: [token],
      fix: `let the trust policy of ${roleArn} accept ${account} of this cluster's OIDC provider with the audience ${awsAudience}`,
    },
  };
  return await assumeRole(request, role, way);
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
