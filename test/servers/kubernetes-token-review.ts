import { createLocalJWKSet, jwtVerify } from "jose";
import * as z from "zod";
import type { TokenIssuer } from "../tokens.ts";
import { status } from "./kubernetes-status.ts";
import type { Answer, RecordedRequest } from "./scripted.ts";

/** Where tokens are reviewed. */
export const REVIEWS = "/apis/authentication.k8s.io/v1/tokenreviews";

/** As Go programs write it: metadata and status are empty, but there; version and kind may be left to the path. */
const review = z.strictObject({
  apiVersion: z.literal("authentication.k8s.io/v1").default("authentication.k8s.io/v1"),
  kind: z.literal("TokenReview").default("TokenReview"),
  metadata: z.strictObject({ creationTimestamp: z.null().optional() }).optional(),
  spec: z.strictObject({ token: z.string().min(1), audiences: z.array(z.string()).optional() }),
  status: z.strictObject({ user: z.strictObject({}).optional() }).optional(),
});

/** Says whose a token is, as the API server does: for the audiences that are named, or else for its own. */
export async function reviewToken(issuer: TokenIssuer, { body }: RecordedRequest): Promise<Answer> {
  const parsed = review.safeParse(JSON.parse(body));
  if (!parsed.success) return status(422, "Invalid", "the object is invalid");
  const { token, audiences = [] } = parsed.data.spec;
  const verdict = await verdictOf(issuer, token, audiences.length === 0 ? [issuer.issuer] : audiences);
  return { status: 201, body: { ...parsed.data, metadata: {}, status: verdict } };
}

async function verdictOf(issuer: TokenIssuer, token: string, audiences: string[]): Promise<object> {
  try {
    const options = { issuer: issuer.issuer, audience: audiences };
    const { payload } = await jwtVerify(token, createLocalJWKSet(issuer.jwks()), options);
    const account = payload["kubernetes.io"] as { namespace: string; serviceaccount: { uid: string } };
    const groups = ["system:serviceaccounts", `system:serviceaccounts:${account.namespace}`, "system:authenticated"];
    const user = { username: payload.sub, uid: account.serviceaccount.uid, groups };
    const given = [payload.aud ?? []].flat();
    return { authenticated: true, user, audiences: audiences.filter((audience) => given.includes(audience)) };
  } catch (thrown) {
    return { authenticated: false, user: {}, error: `[invalid bearer token, ${(thrown as Error).message}]` };
  }
}
