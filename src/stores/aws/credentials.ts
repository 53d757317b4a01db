import { ProviderError } from "../../errors.ts";
import type { OpenRequest } from "../store.ts";
import type { AwsSettings } from "./types.ts";

/** Credentials of an assumed role, in the SDK's form. Never print one. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration?: Date;
}

/** Credentials, and whose they are in words: a role's ARN, or how it was found. */
export interface Login {
  readonly credentials: AwsCredentials;
  readonly principal: string;
}

/** Credentials as STS answers them. */
export interface StsCredentials {
  readonly AccessKeyId?: string | undefined;
  readonly SecretAccessKey?: string | undefined;
  readonly SessionToken?: string | undefined;
  readonly Expiration?: Date | undefined;
}

/** Checks what `whom` answered: the SDK takes what a server says for what the model says. Throws `LK0036`. */
export function credentialsOf(answer: StsCredentials = {}, whom = "STS"): AwsCredentials {
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken } = answer;
  if (!isText(accessKeyId) || !isText(secretAccessKey) || !isText(sessionToken)) {
    throw new ProviderError("LK0036", `${whom} answered without credentials`, {
      fix: `check what answers at the endpoint of ${whom}`,
    });
  }
  const { Expiration: end } = answer;
  const expiration = end instanceof Date && !Number.isNaN(end.getTime()) ? { expiration: end } : {};
  return { accessKeyId, secretAccessKey, sessionToken, ...expiration };
}

/** Returns the session name that CloudTrail shows: who asked. STS takes 2 to 64 of these characters. */
export function sessionName({ identity }: OpenRequest<AwsSettings>): string {
  return `latchkey-${identity.namespace}-${identity.serviceAccount}`.replace(/[^\w+=,.@-]/g, "_").slice(0, 64);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
