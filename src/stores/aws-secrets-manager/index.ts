import { createHttpClient } from "../../http/client.ts";
import type { Store, StoreHost } from "../store.ts";
import { awsAudience } from "./errors.ts";
import { createHttpHandler } from "./http-handler.ts";
import { roleAnnotation } from "./login.ts";
import { awsRef, nameOfAwsRef } from "./ref.ts";
import { openAwsSession } from "./session.ts";
import { awsSettings } from "./settings.ts";
import type { AwsSecretRef, AwsSettings } from "./types.ts";

/** AWS Secrets Manager, as a role that the pod's token is exchanged for at STS (IRSA). */
export function createAwsStore(host: StoreHost): Store<AwsSettings, AwsSecretRef> {
  // Endpoints are AWS's own or the operator's, so the address policy has no say.
  const http = createHttpClient();
  const handler = createHttpHandler(http);
  return {
    kind: "aws-secrets-manager",
    settings: () => awsSettings,
    ref: awsRef,
    nameOf: nameOfAwsRef,
    local: false,
    endpoint: ({ region }) => region,
    audience: () => ({ name: awsAudience, chosen: true }),
    scope: () => "serviceAccount",
    effect: () => "read",
    needs: ({ roleArn }) => (roleArn === undefined ? [{ kind: "serviceAccountAnnotation", name: roleAnnotation }] : []),
    open: (request) => openAwsSession(request, host, handler),
    shutdown: async () => http.close(),
  };
}
