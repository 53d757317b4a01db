import * as z from "zod";
import { ProviderError } from "../errors.ts";
import { Redacted } from "../redacted.ts";
import type { KubernetesApi } from "./api.ts";
import { unreadable } from "./unreadable.ts";

/** As today's providers ask for: the shortest that the API grants is 600. */
const expirationSeconds = 900;

const answered = z.object({ status: z.object({ token: z.string().min(1), expirationTimestamp: z.iso.datetime() }) });

/** Whose token, and for whom. */
export interface PodTokenRequest {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly pod: { readonly name: string; readonly uid: string };
  /** Empty: for the API server itself. */
  readonly audiences: readonly string[];
}

/** A token that the API made. */
export interface PodToken {
  readonly token: Redacted<string>;
  /** In milliseconds since the epoch. */
  readonly expiresAt: number;
}

/**
 * Asks for a token of a pod's service account that is bound to this very pod
 * (https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/). The API makes it only
 * where that pod exists, has this uid and runs as this service account. Throws what the API client throws, `LK0014` if
 * there is no such service account or pod, `LK0018` for an answer without a token.
 */
export async function requestPodToken(
  api: KubernetesApi,
  { namespace, serviceAccount, pod, audiences }: PodTokenRequest,
  signal: AbortSignal,
): Promise<PodToken> {
  const created = await api.create(
    `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}/token`,
    {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: { audiences, expirationSeconds, boundObjectRef: { apiVersion: "v1", kind: "Pod", ...pod } },
    },
    signal,
  );
  if (created.kind !== "created") throw rejected(namespace, serviceAccount, pod.name);
  const parsed = answered.safeParse(created.object);
  if (!parsed.success) {
    throw unreadable("a TokenRequest", "token");
  }
  const { token, expirationTimestamp } = parsed.data.status;
  return { token: new Redacted(token), expiresAt: Date.parse(expirationTimestamp) };
}

function rejected(namespace: string, serviceAccount: string, pod: string): ProviderError {
  const what = `the pod ${pod} of this uid is gone, or does not run as ${namespace}/${serviceAccount}`;
  return new ProviderError("LK0014", `the Kubernetes API does not issue a token: ${what}`, {
    fix: "check that the pod still runs, as that service account",
  });
}
