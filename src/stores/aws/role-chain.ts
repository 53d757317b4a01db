import type { OpenRequest } from "../store.ts";
import { untilAborted } from "../until-aborted.ts";
import { credentialsOf, type Login, sessionName } from "./credentials.ts";
import { loginError } from "./errors.ts";
import { type AwsWay, ambientMiddleware, sdkConfig } from "./sdk-config.ts";
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
  const { settings, context } = request;
  const { STSClient, AssumeRoleCommand } = await import("@aws-sdk/client-sts");
  const client = new STSClient({
    ...sdkConfig("sts", settings.region, way),
    sigv4aSigningRegionSet: [settings.region],
    credentials: first.credentials,
  });
  client.middlewareStack.remove(ambientMiddleware);
  const command = new AssumeRoleCommand({
    RoleArn: roleArn,
    RoleSessionName: sessionName(request),
    ExternalId: externalId,
    ...(sessionTags.length === 0 ? {} : { Tags: sessionTags.map(([Key, Value]) => ({ Key, Value })) }),
  });
  const options = { abortSignal: context.signal, onSend: () => context.count("login") };
  try {
    const where = `STS in ${settings.region}`;
    const answer = await untilAborted(() => client.send(command, options), context.signal, where);
    return { credentials: credentialsOf(answer.Credentials), principal: roleArn };
  } catch (thrown) {
    const actions = sessionTags.length === 0 ? "sts:AssumeRole" : "sts:AssumeRole and sts:TagSession";
    const fix = `let ${first.principal} do ${actions} on ${roleArn}, in its own policy and in the trust policy of ${roleArn}${externalId === undefined ? "" : ", with this external id"}`;
    const secrets = Object.values(first.credentials).map(String);
    throw loginError(thrown, { roleArn, region: settings.region, secrets, fix });
  }
}
