import type { CallContext, Identity } from "../store.ts";
import { type AccessToken, cloudScope, tokenOf } from "./access-token.ts";
import { urlOf } from "./endpoints.ts";
import type { FailedCall } from "./failed-call.ts";
import { callGoogle } from "./http.ts";
import type { GcpWay } from "./way.ts";

/** A service account to become, and how. */
export interface Becoming {
  readonly account: string;
  /** The accounts between, in their order. */
  readonly delegates: readonly string[];
  readonly bearer: AccessToken;
  /** Who asks, as the account's policy names it. */
  readonly member: string;
  readonly who: Pick<Identity, "namespace" | "serviceAccount"> | undefined;
}

/**
 * Gets a token of a service account
 * (https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateAccessToken). Throws `LK0032`
 * refused, and what the way there gives.
 */
export async function becomeAccount(becoming: Becoming, way: GcpWay, context: CallContext): Promise<AccessToken> {
  const { account, delegates, bearer } = becoming;
  const token = bearer.token.reveal();
  const about: FailedCall = {
    operation: "login",
    what: `impersonating ${account}`,
    service: "IAM Service Account Credentials",
    api: "iamcredentials.googleapis.com",
    project: projectOf(account),
    secrets: [token],
    fix: (id) => (id === "LK0032" ? impersonationFix(becoming) : undefined),
  };
  const url = urlOf("iamcredentials", "global", `/v1/${nameOf(account)}:generateAccessToken`, way.host);
  const body = { scope: [cloudScope], ...(delegates.length === 0 ? {} : { delegates: delegates.map(nameOf) }) };
  const answer = await callGoogle(way.http, { url, bearer: token, body, about, counted: "login" }, context);
  const end = answer.get("expireTime");
  return tokenOf(answer.get("accessToken"), typeof end === "string" ? Date.parse(end) : Number.NaN, about);
}

function nameOf(account: string): string {
  return `projects/-/serviceAccounts/${account}`;
}

/** The project is part of an account's address. */
function projectOf(account: string): string | undefined {
  return /@([a-z0-9-]+)\.iam\./.exec(account)?.[1];
}

function impersonationFix({ account, delegates, member }: Becoming): string {
  const first = delegates[0] ?? account;
  const role = "roles/iam.workloadIdentityUser";
  const command = `gcloud iam service-accounts add-iam-policy-binding ${first} --role ${role} --member "${member}"`;
  const others =
    delegates.length === 0
      ? ""
      : "; and give each account of the chain roles/iam.serviceAccountTokenCreator on the next";
  return `check that ${first} exists, and let the pod act as it: ${command}${others}`;
}
