import type { ErrorId } from "../../errors.ts";
import type { CallContext } from "../store.ts";
import { type AccessToken, cloudScope, tokenIn } from "./access-token.ts";
import { exchangeAudience } from "./cluster.ts";
import { stsUrlOf } from "./endpoints.ts";
import type { FailedCall } from "./failed-call.ts";
import { callGoogle } from "./http.ts";
import type { GcpPool } from "./types.ts";
import type { GcpWay } from "./way.ts";

/** A token to exchange. */
interface Exchange {
  readonly token: string;
  readonly pool: GcpPool;
  /** The owner of the token, for people. */
  readonly who: string;
}

/**
 * Exchanges a token for a federated one (https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token). Throws
 * `LK0032` refused, and what the way there gives.
 */
export async function exchangeToken(
  { token: subjectToken, pool, who }: Exchange,
  way: GcpWay,
  context: CallContext,
): Promise<AccessToken> {
  const about: FailedCall = {
    operation: "login",
    what: `exchanging the token of ${who} at Google's token service`,
    service: "Google's token service",
    api: "sts.googleapis.com",
    project: undefined,
    secrets: [subjectToken],
    fix: (id) => exchangeFix(id, pool),
  };
  const body = {
    grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
    audience: exchangeAudience(pool),
    scope: cloudScope,
    requested_token_type: "urn:ietf:params:oauth:token-type:access_token",
    subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
    subject_token: subjectToken,
  };
  return tokenIn(
    await callGoogle(way.http, { url: stsUrlOf(way.host), body, about, counted: "login" }, context),
    about,
  );
}

function exchangeFix(id: ErrorId, pool: GcpPool): string | undefined {
  if (id === "LK0030")
    return "let Google reach the issuer of this cluster's tokens, or upload its keys to the provider";
  if (id !== "LK0032") return undefined;
  return pool.kind === "cluster"
    ? `check that ${pool.provider} is this cluster and has the workload pool ${pool.id} (gcloud container clusters update CLUSTER --workload-pool ${pool.id})`
    : `check that ${pool.resource} exists, has the issuer of this cluster's tokens and allows their audience (gcloud iam workload-identity-pools providers describe)`;
}
