import type { OpenRequest } from "../store.ts";
import { type Assumption, assumeRole } from "./assume-role.ts";
import { type Login, sessionName } from "./credentials.ts";
import type { AwsWay } from "./sdk-config.ts";
import type { AssumedRole, AwsSettings } from "./types.ts";

/**
 * Assumes a second role with the credentials of the first (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining;
 * such a session lasts an hour at most). Throws `LK0032` refused, and what `loginError` makes of the rest.
 */
export async function assumeChained(
  request: OpenRequest<AwsSettings>,
  { roleArn, externalId, sessionTags }: AssumedRole,
  first: Login,
  way: AwsWay,
): Promise<Login> {
  const actions = sessionTags.length === 0 ? "sts:AssumeRole" : "sts:AssumeRole and sts:TagSession";
  const withId = externalId === undefined ? "" : ", with this external id";
  const role: Assumption = {
    roleArn,
    signedBy: first.credentials,
    ask: ({ AssumeRoleCommand }, client, options) =>
      client.send(
        new AssumeRoleCommand({
          RoleArn: roleArn,
          RoleSessionName: sessionName(request),
          ExternalId: externalId,
          ...(sessionTags.length === 0 ? {} : { Tags: sessionTags.map(([Key, Value]) => ({ Key, Value })) }),
        }),
        options,
      ),
    refusal: {
      secrets: Object.values(first.credentials).map(String),
      fix: `let ${first.principal} do ${actions} on ${roleArn}, in its own policy and in the trust policy of ${roleArn}${withId}`,
    },
  };
  return await assumeRole(request, role, way);
}
