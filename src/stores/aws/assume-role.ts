import type { STSClient } from "@aws-sdk/client-sts";
import { inTime } from "../in-time.ts";
import type { OpenRequest } from "../store.ts";
import { type AwsCredentials, credentialsOf, type Login, type StsCredentials } from "./credentials.ts";
import { loginError } from "./errors.ts";
import { type AwsWay, ambientMiddleware, sdkConfig } from "./sdk-config.ts";
import type { AwsSettings } from "./types.ts";

/** The options of one call to STS. */
interface SendOptions {
  readonly abortSignal: AbortSignal;
  readonly onSend: () => void;
}

/** A role to assume at STS, and how. */
export interface Assumption {
  readonly roleArn: string;
  /** The credentials that sign the call; empty if it is not signed. */
  readonly signedBy: Omit<AwsCredentials, "sessionToken"> | AwsCredentials;
  readonly ask: (
    sts: typeof import("@aws-sdk/client-sts"),
    client: STSClient,
    options: SendOptions,
  ) => Promise<{ readonly Credentials?: StsCredentials | undefined }>;
  /** The texts that no error may show, and the fix if STS refuses. */
  readonly refusal: { readonly secrets: readonly string[]; readonly fix: string };
}

/** Asks STS for a role's credentials. Throws `LK0032` refused, `LK0036`, and what `loginError` makes of the rest. */
export async function assumeRole(
  { settings: { region }, context }: OpenRequest<AwsSettings>,
  { roleArn, signedBy, ask, refusal }: Assumption,
  way: AwsWay,
): Promise<Login> {
  const sts = await import("@aws-sdk/client-sts");
  const client = new sts.STSClient({
    ...sdkConfig("sts", region, way),
    sigv4aSigningRegionSet: [region],
    credentials: signedBy,
  });
  client.middlewareStack.remove(ambientMiddleware);
  const options = { abortSignal: context.signal, onSend: () => context.count("login") };
  try {
    const answer = await inTime(() => ask(sts, client, options), context.signal, `STS in ${region}`);
    return { credentials: credentialsOf(answer.Credentials), principal: roleArn };
  } catch (thrown) {
    throw loginError(thrown, { roleArn, region, ...refusal });
  }
}
